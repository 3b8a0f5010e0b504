"""What the log looks like."""

from __future__ import annotations

from typing import Literal

from config.settings import Settings


class LogSettings(Settings):
    """The log, on stderr."""

    log_format: Literal["console", "json"] = "console"
    """`console` for people, `json` (an object a line) for what collects logs.

    It does not depend on whether a terminal looks on: a redirected log stays as it was.
    """
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least that the fleet says. Libraries speak from WARNING on, whatever this is."""
