"""The record of every job: its state, attempts, result, error and events, in Postgres."""

from queues.ledger.errors import LedgerRefused, LedgerUnavailable, UnknownJob
from queues.ledger.ledger import Ledger
from queues.ledger.outbox import EnqueuedRow, Outbox
from queues.ledger.records import (
    Claim,
    Claimed,
    Conflict,
    Event,
    Finished,
    Happening,
    Held,
    Job,
    JobSummary,
    StaleJob,
    State,
    Submission,
    TaskStatistics,
    Trouble,
)

__all__ = [
    "Claim",
    "Claimed",
    "Conflict",
    "EnqueuedRow",
    "Event",
    "Finished",
    "Happening",
    "Held",
    "Job",
    "JobSummary",
    "Ledger",
    "LedgerRefused",
    "LedgerUnavailable",
    "Outbox",
    "StaleJob",
    "State",
    "Submission",
    "TaskStatistics",
    "Trouble",
    "UnknownJob",
]
