"""The reference: what the documentation says of tasks, errors and settings, from the code itself.

Some pages are written whole; in others, which people write, only the passage between two marks.
"""

from __future__ import annotations

import re
from pathlib import Path

from config.example import env_example
from workers.reference.error_codes import error_table
from workers.reference.metrics_page import metrics_page
from workers.reference.settings_page import settings_page
from workers.reference.tasks_page import task_table, tasks_page


def write(root: Path) -> None:
    """Write the pages and passages into the repository at `root`."""
    for path, text in _files(root).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def differences(root: Path) -> list[str]:
    """Give the files under `root` that are missing or do not say what the code says."""
    return sorted(
        path
        for path, text in _files(root).items()
        if not (root / path).exists() or (root / path).read_text(encoding="utf-8") != text
    )


def with_passage(text: str, mark: str, passage: str) -> str:
    """Put `passage` between `<!-- mark -->` and `<!-- /mark -->`, wherever the text has them."""
    between = re.compile(f"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", re.DOTALL)
    return between.sub(lambda found: f"{found[1]}{passage}{found[2]}", text)


def _files(root: Path) -> dict[str, str]:
    passages = {"README.md": ("tasks", task_table()), "docs/wire.md": ("errors", error_table())}
    return {
        "docs/tasks.md": tasks_page(root / "examples"),
        "docs/settings.md": settings_page(),
        "docs/metrics.md": metrics_page(),
        ".env.example": env_example(),
    } | {
        path: with_passage((root / path).read_text(encoding="utf-8"), mark, passage)
        for path, (mark, passage) in passages.items()
        if (root / path).exists()
    }
