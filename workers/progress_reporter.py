"""The progress callback of a running job: it tells those who watch, and stops the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from redis.exceptions import RedisError

from workers.failure import Cancelled, DeadlineExceeded, TimeLimitReached

_TELL_EVERY_SECONDS = 0.1
_LOOK_EVERY_SECONDS = 0.25

log = structlog.get_logger(__name__)


class ProgressReporter:
    """Implements `engines.progress.Progress` for one attempt at a job.

    Watchers hear at most ten times a second. Four times a second the wish to cancel is looked
    up. Redis being away stops neither the job nor its deadline.
    """

    def __init__(
        self,
        *,
        tell: Callable[[float, str], None],
        cancellation: Callable[[], str | None],
        deadline: datetime | None,
        soft_limit_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._cancellation = cancellation
        self._deadline = deadline
        self._monotonic = monotonic
        self._soft_limit_seconds = soft_limit_seconds
        self._limit_at = monotonic() + soft_limit_seconds
        self._next_tell = self._next_look = 0.0

    def __call__(self, fraction: float, message: str = "") -> None:
        """Report, and raise `Stopped` if the run must end."""
        now = self._monotonic()
        if now >= self._limit_at:
            raise TimeLimitReached(f"the task's limit of {self._soft_limit_seconds:g} s has passed")
        self.check_deadline()
        try:
            if now >= self._next_look:
                self._next_look = now + _LOOK_EVERY_SECONDS
                if (reason := self._cancellation()) is not None:
                    raise Cancelled(reason)
            if now >= self._next_tell:
                self._next_tell = now + _TELL_EVERY_SECONDS
                self._tell(_share(fraction), message)
        except RedisError as error:
            log.warning("progress_not_told", error=repr(error))

    def check_deadline(self) -> None:
        """Raise `DeadlineExceeded` once the caller has no use for the result."""
        if self._deadline is not None and datetime.now(UTC) >= self._deadline:
            raise DeadlineExceeded(f"the deadline {self._deadline.isoformat()} has passed")


def _share(fraction: float) -> float:
    """Hold a fraction to [0, 1]; what is no number says nothing is done."""
    return min(fraction, 1.0) if fraction > 0 else 0.0
