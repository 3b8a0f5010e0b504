"""What a ledger raises: wait and try again, or look up what you asked for."""

from __future__ import annotations


class LedgerUnavailable(RuntimeError):
    """Postgres did not answer, ended the connection, or cannot do its work at present.

    The next call connects again.

    Whether the statement took effect is not known; to call the same method again is safe.
    """


class LedgerRefused(LedgerUnavailable):
    """Postgres answered: the tables are not there, or not for this login. An owner can mend it."""


class UnknownJob(LookupError):
    """There is no job with this id, or a shard's parent is gone."""
