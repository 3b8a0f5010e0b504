"""How workers run jobs."""

from __future__ import annotations

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from config.settings import Settings


class WorkerSettings(Settings):
    """What holds for the workers of every pool."""

    lease_seconds: PositiveFloat = 60
    """A job whose worker has not been heard of for this long is given to another."""
    soft_shutdown_seconds: NonNegativeFloat = 30
    """How long a worker that is told to stop lets its jobs finish."""
    cancel_grace_seconds: NonNegativeFloat = 5
    """A cancelled job that has not stopped after this long is killed."""
    max_message_bytes: PositiveInt = 8 << 20
    """Larger messages are refused; their requests are not kept."""

    @property
    def renewal_seconds(self) -> float:
        """How often a lease is renewed: two renewals may be lost without harm."""
        return self.lease_seconds / 3
