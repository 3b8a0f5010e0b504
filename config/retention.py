"""How long things are kept."""

from __future__ import annotations

from pydantic import PositiveInt

from config.settings import Settings


class RetentionSettings(Settings):
    """When housekeeping deletes what nobody asked for any more."""

    job_retention_days: PositiveInt = 365
    """Finished jobs, their events and results leave the ledger after this."""
    artifact_retention_days: PositiveInt = 90
    """Artifacts are deleted when no job has made them anew for this long."""
