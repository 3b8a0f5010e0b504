"""How long to wait before starting a dead process again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """Twice as long after every death in a row, up to a cap."""

    first: timedelta = timedelta(seconds=0.5)
    cap: timedelta = timedelta(seconds=30)
    forgiven_after: timedelta = timedelta(minutes=1)
    """A process that ran this long starts a new row."""

    def delay(self, deaths_in_a_row: int) -> timedelta:
        """Give the pause before the next start; the first death is number one."""
        doublings = min(deaths_in_a_row - 1, 32)  # no overflow in a row of a thousand deaths
        return min(self.first * (1 << doublings), self.cap)
