"""Whatever order the moves come in, the ledger agrees with a model of it in ten lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection

from queues.ledger import (
    Claimed,
    Conflict,
    Finished,
    Happening,
    Held,
    Ledger,
    State,
    Submission,
    queries,
)

LEASES = st.sampled_from([timedelta(minutes=1), timedelta(minutes=-1)])
WORKERS = st.sampled_from(["a", "b"])
ENDS = st.sampled_from([State.SUCCEEDED, State.FAILED, State.CANCELLED])


class Job(RuleBasedStateMachine):
    """One job in the ledger, and beside it what should be true of it."""

    def __init__(self, ledger: Ledger, reading: Connection, submission: Submission) -> None:
        super().__init__()
        self.ledger, self.reading = ledger, reading
        self.submission, self.id = submission, submission.id

    @initialize()
    def register(self) -> None:
        self.ledger.register([self.submission])
        self.state, self.attempt, self.fence, self.claims = State.ACCEPTED, 0, 0, 0
        self.worker: str | None = None
        self.is_lapsed = False

    @rule(worker=WORKERS, lease=LEASES)
    def claim(self, worker: str, lease: timedelta) -> None:
        answer = self.ledger.claim(self.submission, worker=worker, lease=lease, versions="")

        if self.state.is_final:
            assert isinstance(answer, Finished)
            assert answer.state == self.state
        elif self.state is State.RUNNING and not self.is_lapsed:
            assert isinstance(answer, Held)
            assert answer.worker == self.worker
        else:
            self.attempt, self.fence, self.claims = (
                self.attempt + 1,
                self.fence + 1,
                self.claims + 1,
            )
            self.state, self.worker, self.is_lapsed = State.RUNNING, worker, lease < timedelta(0)
            assert answer == Claimed(self.attempt, self.fence)

    @rule()
    def claim_another_request(self) -> None:
        other = Submission(**vars(self.submission) | {"request_hash": "other"})
        lease = timedelta(minutes=1)

        assert self.ledger.claim(other, worker="a", lease=lease, versions="") == Conflict()

    @rule(age=st.integers(0, 1), end=ENDS)
    def finish(self, age: int, end: State) -> None:
        taken = self.ledger.finish(self.id, self.fence - age, end)

        if age == 0 and self.state is State.RUNNING:
            self.state = end
            assert taken
        else:
            assert taken == (age == 0 and self.state is end and self.worker is not None)

    @rule(worker=WORKERS)
    def settle(self, worker: str) -> None:
        settled = self.ledger.settle(
            self.id, worker=worker, state=State.FAILED, reason=None, error=None
        )

        assert settled == (self.state is State.RUNNING and worker == self.worker)
        if settled:
            self.state = State.FAILED

    @rule(worker=WORKERS, counts=st.booleans())
    def release(self, worker: str, counts: bool) -> None:
        released = self.ledger.release(self.id, worker=worker, reason="r", counts=counts)

        assert released == (self.state is State.RUNNING and worker == self.worker)
        if released:
            self.state, self.worker = State.ACCEPTED, None
            self.attempt -= not counts

    @rule(worker=WORKERS, lease=LEASES)
    def renew(self, worker: str, lease: timedelta) -> None:
        renewed = self.ledger.renew(worker, [self.id], lease)

        assert renewed == (self.state is State.RUNNING and worker == self.worker)
        if renewed:
            self.is_lapsed = lease < timedelta(0)

    @rule()
    def cancel(self) -> None:
        if self.state is State.ACCEPTED:
            self.state = State.CANCELLED

        assert self.ledger.cancel(self.id, "cancelled") == self.state

    @invariant()
    def the_row_agrees(self) -> None:
        job: Any = queries.get(self.reading, self.id)

        assert (self.state, self.attempt, self.fence, self.worker) == (
            job.state,
            job.attempt,
            job.fence,
            job.worker,
        )

    @invariant()
    def the_history_agrees(self) -> None:
        kinds = [event.kind for event in queries.events(self.reading, self.id)]

        assert self.claims == kinds.count(Happening.RUNNING)
        if self.state.is_final:
            assert kinds[-1] == self.state


def test_the_ledger_agrees_with_its_model(ledger: Ledger, ask: Callable[..., Submission]) -> None:
    """Claims, ends, releases, renewals and cancellations in any order have the outcome foretold."""
    with ledger.engine.connect() as reading:
        run_state_machine_as_test(
            lambda: Job(ledger, reading, ask()),
            settings=settings(
                max_examples=20,
                stateful_step_count=25,
                deadline=None,
                derandomize=True,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
