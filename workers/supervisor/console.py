"""One log of many processes: every line begins with the name of who wrote it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

_STYLES = ("cyan", "green", "yellow", "magenta", "blue", "bright_cyan", "bright_green", "red")
_NAME_WIDTH = 12


class PrefixedLog:
    """Writes lines to a console, in colours if somebody looks at it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._styles: dict[str, str] = {}

    def __call__(self, name: str, text: str) -> None:
        """Write one line said by `name`."""
        style = self._styles.setdefault(name, _STYLES[len(self._styles) % len(_STYLES)])
        line = Text.assemble((f"{name:<{_NAME_WIDTH}} | ", style), Text.from_ansi(text))
        self._console.print(line, soft_wrap=True, highlight=False)
