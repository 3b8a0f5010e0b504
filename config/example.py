"""`.env.example`, written from the settings types."""

from __future__ import annotations

from collections.abc import Iterator

from config.described import described_settings

_OPENING = """\
# Every setting, with its default. Copy what you change into your environment; the fleet reads no
# .env file by itself. Each may also be given as a file: REDIS_URL_FILE=/run/secrets/redis_url.
# This file is generated: fleet contract
"""


def env_example() -> str:
    """Give the text of `.env.example`."""
    return "\n".join((_OPENING, *_lines()))


def _lines() -> Iterator[str]:
    for group in described_settings():
        yield f"# -- {group.meaning}"
        for setting in group.settings:
            yield from (f"# {line}".rstrip() for line in setting.meaning.splitlines())
            yield f"# {setting.variable}={setting.default}"
        yield ""
