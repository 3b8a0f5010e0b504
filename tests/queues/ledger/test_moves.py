"""Every move of a job from every position: the allowed ones happen, the others change nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from queues.ledger import Ledger, State, Submission

Ask = Callable[..., Submission]
LEASE = timedelta(minutes=1)

# A job is brought into a position by moves; "lapsed" is running after its lease ended.
POSITIONS = {
    "accepted": ["register"],
    "running": ["claim"],
    "lapsed": ["claim_briefly"],
    "delegated": ["claim", "delegate"],
    "succeeded": ["claim", "finish_succeeded"],
    "failed": ["claim", "finish_failed"],
    "cancelled": ["register", "cancel"],
}

# What each move makes of each position; where a position is not named, it stays as it is.
ALLOWED = {
    "register": {},
    "claim": {"accepted": "running", "lapsed": "running"},
    "finish_succeeded": dict.fromkeys(["running", "lapsed", "delegated"], "succeeded"),
    "finish_failed": dict.fromkeys(["running", "lapsed", "delegated"], "failed"),
    "settle": {"running": "failed", "lapsed": "failed"},
    "release": {"running": "accepted", "lapsed": "accepted"},
    "renew": {"lapsed": "running"},
    "cancel": {"accepted": "cancelled"},
    "delegate": {"running": "delegated", "lapsed": "delegated"},
    "take_up": {"delegated": "running"},
    "restart": {"delegated": "accepted"},
}

CHANGES_OF_STATE = {
    ("accepted", "running"),
    ("accepted", "cancelled"),
    ("running", "accepted"),
    ("running", "succeeded"),
    ("running", "failed"),
}


def _move(ledger: Ledger, submission: Submission, name: str) -> None:
    job, fence = submission.id, 1
    moves: dict[str, Callable[[], object]] = {
        "register": lambda: ledger.register([submission]),
        "claim": lambda: ledger.claim(submission, worker="a", lease=LEASE, versions=""),
        "claim_briefly": lambda: ledger.claim(submission, worker="a", lease=-LEASE, versions=""),
        "finish_succeeded": lambda: ledger.finish(job, fence, State.SUCCEEDED, result="1"),
        "finish_failed": lambda: ledger.finish(job, fence, State.FAILED, reason="internal"),
        "settle": lambda: ledger.settle(
            job, worker="a", state=State.FAILED, reason="time_limit", error=None
        ),
        "release": lambda: ledger.release(job, worker="a", reason="unavailable"),
        "renew": lambda: ledger.renew("a", [job], LEASE),
        "cancel": lambda: ledger.cancel(job, "cancelled"),
        "delegate": lambda: ledger.delegate(job, fence, []),
        "take_up": lambda: ledger.take_up(job, fence, worker="a", lease=LEASE),
        "restart": lambda: ledger.restart(job, fence),
    }
    moves[name]()


def _position(database_url: str, job_id: UUID) -> str:
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            """SELECT CASE WHEN state <> 'running' THEN state
                WHEN lease_until IS NULL THEN 'delegated'
                WHEN lease_until < now() THEN 'lapsed' ELSE 'running' END
            FROM riskfleet.job WHERE id = %s""",
            [job_id],
        ).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize("move", ALLOWED)
@pytest.mark.parametrize("position", POSITIONS)
def test_move(ledger: Ledger, database_url: str, ask: Ask, position: str, move: str) -> None:
    """A move leads where the table says; one that is not allowed leaves the job untouched."""
    submission = ask()
    for step in POSITIONS[position]:
        _move(ledger, submission, step)
    before = ledger.get(submission.id), ledger.events(submission.id)

    _move(ledger, submission, move)
    after = ledger.get(submission.id), ledger.events(submission.id)

    assert ALLOWED[move].get(position, position) == _position(database_url, submission.id)
    # A running job may be renewed, and a delegated one delegated again after a lost answer.
    if position not in ALLOWED[move] and (move, position) not in {
        ("renew", "running"),
        ("delegate", "delegated"),
    }:
        assert before == after


def test_the_table_has_no_move_that_the_design_has_not() -> None:
    """Only the design's changes of state are in the table above."""
    state_of = {"lapsed": "running", "delegated": "running"}
    changes = {
        (state_of.get(before, before), state_of.get(after, after))
        for move in ALLOWED.values()
        for before, after in move.items()
    }

    assert {change for change in changes if change[0] != change[1]} == CHANGES_OF_STATE
