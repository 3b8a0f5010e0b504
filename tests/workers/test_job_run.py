"""However an attempt ends, the ledger says so, and so does the outcome."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import Field
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import make_url
from structlog.testing import capture_logs

from engines.errors import InvalidInput, Unavailable
from engines.progress import Progress
from queues.artifacts import ArtifactStore
from queues.cancellation import request_cancellation
from queues.events import EventChannel, JobEvent
from queues.job_error import Code, FieldProblem
from queues.ledger import Claimed, Job, State
from queues.message import TaskMessage
from queues.names import DEAD_LETTERS_KEY, SUBMITTED_KEY, Queue, submission_key
from queues.submission import SubmissionRegistry
from tasks.declaration import Declaration, Terms, task
from tasks.payload import Payload
from tests.fleet import eventually
from workers.delivery import Delivery
from workers.embedded.postgres import EmbeddedPostgres
from workers.job_run import Attempt, Failed, JobRun, LeftAlone, PutBack, Succeeded, versions
from workers.resources import Resources

LEASE = timedelta(minutes=1)
ENDED = timedelta(seconds=-1)


class Number(Payload):
    """A number, or none."""

    value: Annotated[float, Field(ge=0)] = 1
    perhaps: float | None = None


class Word(Payload):
    """Something else."""

    word: str = "word"


Work = Callable[..., Any]


def _declared(run: Work, terms: Terms | None = None) -> Declaration:
    """A task that takes and gives a `Number`, whatever it really does."""
    run.__annotations__ |= {"request": Number, "return": Number}
    return task("test.count", queue=Queue.CPU, terms=terms)(run)


@_declared
def twice(request: Number) -> Any:
    """Give twice the number."""
    return Number(value=2 * request.value)


@pytest.fixture
def start(resources: Resources) -> Callable[..., JobRun]:
    """Give the run of a new job; whatever matters to the test is said by keyword."""

    def build(
        declaration: Declaration | Work = twice,
        *,
        worker: str = "cpu@here",
        lease: timedelta = LEASE,
        **job: Any,
    ) -> JobRun:
        if not isinstance(declaration, Declaration):
            declaration = _declared(declaration)
        ordinary = {
            **{"id": str(uuid4()), "task": "test.count", "queue": "cpu"},
            **{"request": {"value": 3}, "headers": {}},
        }
        return JobRun(
            job=Delivery(**ordinary | job),
            declaration=declaration,
            resources=resources,
            worker=worker,
            lease=lease,
        )

    return build


Start = Callable[..., JobRun]


def _row(run: JobRun) -> Job:
    row = run.resources.ledger.get(UUID(run.job.id))
    assert row is not None
    return row


def _history(run: JobRun) -> list[str]:
    return [event.kind.value for event in run.resources.ledger.events(UUID(run.job.id))]


def _heard(run: JobRun) -> list[JobEvent]:
    """What watchers were told."""
    heard = []
    patience = timedelta(milliseconds=1)
    for _, event in run.resources.events.follow(run.job.id, patience=patience):
        if event is None:
            break
        heard.append(event)
    return heard


def _claim(run: JobRun, worker: str, lease: timedelta = LEASE) -> Claimed:
    """Let another worker have the job."""
    claimed = run.resources.ledger.claim(
        run.job.submission(), worker=worker, lease=lease, versions="riskfleet 0"
    )
    assert isinstance(claimed, Claimed)
    return claimed


def _failed(outcome: object) -> Failed:
    assert isinstance(outcome, Failed), outcome
    return outcome


def test_a_job_is_run_and_recorded(start: Start) -> None:
    """The result is JSON, in the outcome and in the ledger alike."""
    run = start()

    outcome = run.run()

    row = _row(run)
    assert outcome == Succeeded('{"value":6.0,"perhaps":null}', attempt=1)
    assert (row.state, row.result, row.error) == (State.SUCCEEDED, outcome.result, None)
    assert (row.worker, row.attempt, row.versions) == ("cpu@here", 1, versions())
    assert _history(run) == ["accepted", "running", "succeeded"]


def test_watchers_hear_of_its_beginning_and_progress(start: Start) -> None:
    """The end is told by whoever stores the result, after it can be read."""

    def work(request: Number, *, progress: Progress) -> Any:
        progress(0.5, "half")
        return request

    run = start(work)
    run.run()

    assert [
        (event.kind, event.attempt, event.fraction, event.message) for event in _heard(run)
    ] == [
        ("running", 1, None, ""),
        ("progress", 1, 0.5, "half"),
    ]


def test_the_pool_supplies_what_a_task_asks_for(start: Start, resources: Resources) -> None:
    """Needs are met by type, under the names the task chose."""
    seen = {}

    def work(request: Number, *, tell: Progress, store: ArtifactStore) -> Any:
        seen.update(tell=tell, store=store)
        return request

    start(work).run()

    assert seen["store"] is resources.artifacts
    assert callable(seen["tell"])


def test_a_job_that_begins_leaves_the_registry(start: Start, resources: Resources) -> None:
    """Once the ledger has it, Redis need not keep its message, only against repeats."""
    run = start()
    message = TaskMessage(task="test.count", job_id=run.job.id, queue="cpu", request={"value": 3})
    SubmissionRegistry(resources.redis).submit(message)

    run.run()

    assert resources.redis.zcard(SUBMITTED_KEY) == 0
    assert set(resources.redis.hkeys(submission_key(run.job.id))) == {"request_hash", "queue"}


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        ({"value": -1, "colour": "red"}, ["value", "colour"]),
        ({"value": "3"}, ["value"]),
        ({"value": {"__type__": "datetime", "__value__": "x"}}, ["value"]),
        ([], ["request"]),
        (None, ["request"]),
    ],
    ids=str,
)
def test_a_request_is_refused_by_field(start: Start, request_: Any, fields: list[str]) -> None:
    """The caller reads which fields to change; the task was not run."""

    def work(request: Number) -> Any:
        raise AssertionError("it was run")

    run = start(work, request=request_)

    error = _failed(run.run()).error

    row = _row(run)
    assert (error.code, [field.field for field in error.fields]) == (Code.INVALID_REQUEST, fields)
    assert (row.state, row.reason) == (State.FAILED, "invalid_request")
    assert json.loads(row.error or "") == error.model_dump(mode="json")


@pytest.mark.parametrize("request_", [{"value": "\ud800"}, {"value": 10**400}])
def test_a_request_without_canonical_form_is_refused(start: Start, request_: Any) -> None:
    """It cannot be told from others, so the ledger does not get it."""
    run = start(request=request_)

    assert _failed(run.run()).error.code is Code.INVALID_REQUEST
    assert run.resources.ledger.get(UUID(run.job.id)) is None


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (InvalidInput("value", expected="an even number", received=3), Code.INVALID_REQUEST),
        (RuntimeError("bug"), Code.INTERNAL),
        (MemoryError(), Code.OUT_OF_MEMORY),
        (KeyError("gone"), Code.INTERNAL),
        (RecursionError(), Code.INTERNAL),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_a_task_raises_is_its_outcome(start: Start, raised: Exception, code: Code) -> None:
    """Any exception ends the job with a code, and nothing is tried again."""

    def work(request: Number) -> Any:
        raise raised

    run = start(work)

    outcome = _failed(run.run())

    assert (outcome.error.code, outcome.attempt) == (code, 1)
    assert (_row(run).state, _row(run).reason) == (State.FAILED, code.value)
    assert _history(run) == ["accepted", "running", "failed"]


def test_an_engine_names_the_field(start: Start) -> None:
    """What only the engine can check is reported like everything else."""

    def work(request: Number) -> Any:
        raise InvalidInput("value", expected="an even number", received=3)

    [problem] = _failed(start(work).run()).error.fields

    assert problem == FieldProblem(field="value", expected="an even number", received="3")


def test_what_is_away_is_tried_again(start: Start) -> None:
    """The job is given back with a wait, and the next attempt succeeds."""
    calls = []

    def work(request: Number) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise Unavailable("no rates")
        return request

    run = start(work)

    first = run.run()
    released = _row(run)
    second = run.run()

    assert isinstance(first, PutBack)
    assert (first.delay, first.error and first.error.code) == (
        timedelta(seconds=2),
        Code.UNAVAILABLE,
    )
    assert (released.state, released.reason, released.worker) == (
        State.ACCEPTED,
        "unavailable",
        None,
    )
    assert released.not_before is not None
    assert second == Succeeded('{"value":3.0,"perhaps":null}', attempt=2)
    assert _history(run) == ["accepted", "running", "retrying", "running", "succeeded"]


def test_waits_between_attempts_grow_and_end(start: Start) -> None:
    """The last attempt that finds the service away fails with it."""

    def work(request: Number) -> Any:
        raise Unavailable("no rates")

    run = start(_declared(work, Terms(attempts=6)))

    outcomes = [run.run() for _ in range(6)]

    delays = [each.delay.total_seconds() for each in outcomes if isinstance(each, PutBack)]
    assert delays == [2, 8, 30, 120, 120]
    assert _failed(outcomes[-1]).error.code is Code.UNAVAILABLE
    assert _row(run).state is State.FAILED


@pytest.mark.parametrize(
    "result",
    [
        lambda: Number(value=float("nan")),
        lambda: Number(value=float("inf")),
        lambda: Number.model_construct(value=float("nan"), perhaps=None),
        lambda: Number.model_construct(value=1.0, perhaps=float("nan")),
        lambda: Number.model_construct(value=1.0, perhaps=float("-inf")),
        lambda: Number.model_construct(value=-1.0, perhaps=None),
        lambda: Word(),
        lambda: {"value": 1.0},
        lambda: None,
    ],
    ids=[
        *("NaN", "infinity", "unvalidated NaN", "NaN or nothing", "infinity or nothing"),
        *("out of bounds", "another payload", "a dict", "nothing"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_wrong_result_never_leaves(start: Start, result: Callable[[], Any]) -> None:
    """What is not the declared result is our mistake, and nothing of it is stored."""

    def work(request: Number) -> Any:
        return result()

    run = start(work)

    error = _failed(run.run()).error

    assert error.code is Code.INVALID_RESULT
    assert (_row(run).reason, _row(run).result) == ("invalid_result", None)


def test_a_job_cancelled_before_it_begins_is_not_run(start: Start, resources: Resources) -> None:
    """It ends when a worker comes to it, with the caller's reason."""

    def work(request: Number) -> Any:
        raise AssertionError("it was run")

    run = start(work)
    request_cancellation(resources.redis, run.job.id, "not needed")

    error = _failed(run.run()).error

    assert (error.code, error.message) == (Code.CANCELLED, "not needed")
    assert (_row(run).state, _row(run).reason) == (State.CANCELLED, "cancelled")
    assert _history(run)[-1] == "cancelled"


def test_a_running_job_is_cancelled_by_its_progress(start: Start, resources: Resources) -> None:
    """The wish reaches a run that reports; its finally blocks are run."""
    left = []

    def work(request: Number, *, progress: Progress) -> Any:
        request_cancellation(resources.redis, run.job.id, "not needed")
        try:
            progress(0.5)
        finally:
            left.append("tidily")

    run = start(work)

    assert _failed(run.run()).error.message == "not needed"
    assert (_row(run).state, left) == (State.CANCELLED, ["tidily"])


def test_a_shard_is_cancelled_with_its_job(start: Start, resources: Resources) -> None:
    """A wish names the job that people see."""
    parent = start()
    _claim(parent, "cpu@other")
    request_cancellation(resources.redis, parent.job.id, "not needed")

    shard = start(parent_id=parent.job.id, shard=(0, 2))

    assert _failed(shard.run()).error.code is Code.CANCELLED
    assert _heard(shard) == []


def test_a_job_past_its_deadline_is_not_run(start: Start) -> None:
    """Nobody has a use for the result: it is not computed."""

    def work(request: Number) -> Any:
        raise AssertionError("it was run")

    run = start(work, deadline=datetime.now(UTC) - timedelta(seconds=1))

    assert _failed(run.run()).error.code is Code.DEADLINE_EXCEEDED
    assert _row(run).state is State.FAILED


@pytest.mark.parametrize("asked", [None, 1e-9])
def test_a_run_past_its_limit_is_stopped(start: Start, asked: float | None) -> None:
    """By the task's own limit, or by a shorter one of the sender's."""

    def work(request: Number, *, progress: Progress) -> Any:
        progress(0.5)

    limit = timedelta(minutes=10) if asked else timedelta(microseconds=1)
    run = start(_declared(work, Terms(soft_limit=limit)), soft_limit_seconds=asked)

    assert _failed(run.run()).error.code is Code.TIME_LIMIT


def test_a_job_that_kills_its_workers_is_poison(start: Start) -> None:
    """After its attempts ended without a word it is failed, and not run once more."""

    def work(request: Number) -> Any:
        raise AssertionError("it was run")

    run = start(work)
    for number in range(3):
        _claim(run, f"cpu@{number}", ENDED)

    outcome = _failed(run.run())

    assert (outcome.error.code, outcome.attempt) == (Code.POISON, 4)
    assert (_row(run).state, _row(run).reason) == (State.FAILED, "poison")


def test_who_lost_the_fence_writes_nothing(start: Start) -> None:
    """A worker that was frozen while another took over leaves the job alone."""

    def work(request: Number) -> Any:
        _claim(run, "cpu@other")
        return request

    run = start(work, lease=ENDED)

    assert run.run() == LeftAlone()
    assert (_row(run).state, _row(run).worker, _row(run).result) == (
        State.RUNNING,
        "cpu@other",
        None,
    )


def test_who_lost_the_fence_fails_nothing(start: Start) -> None:
    """Nor does it end the other's attempt by failing, or give the other's job back."""

    def bug(request: Number) -> Any:
        _claim(run, "cpu@other")
        raise RuntimeError("bug")

    def away(request: Number) -> Any:
        _claim(run, "cpu@other")
        raise Unavailable("no rates")

    run = start(bug, lease=ENDED)
    assert run.run() == LeftAlone()
    assert (_row(run).state, _row(run).error) == (State.RUNNING, None)

    run = start(away, lease=ENDED)
    run.run()
    assert (_row(run).state, _row(run).worker) == (State.RUNNING, "cpu@other")


def test_an_end_is_written_once(start: Start) -> None:
    """A job that was ended from outside stays as it was ended."""

    def work(request: Number) -> Any:
        run.resources.ledger.settle(
            UUID(run.job.id), worker="cpu@here", state=State.FAILED, reason="time_limit", error="{}"
        )
        return request

    run = start(work)

    assert run.run() == LeftAlone()
    assert (_row(run).state, _row(run).reason) == (State.FAILED, "time_limit")


@pytest.mark.parametrize(
    "other", [{"request": {"value": 4}}, {"tenant": "other"}, {"task": "test.other"}]
)
def test_an_id_belongs_to_one_request(start: Start, other: dict[str, Any]) -> None:
    """Another request under a used id is put aside; the first one and its caller hear nothing."""
    first = start()
    first.run()
    before = _row(first)

    outcome = start(**{"id": first.job.id} | other).run()

    [(_, letter)] = first.resources.redis.xrange(DEAD_LETTERS_KEY)
    assert outcome == LeftAlone()
    assert letter["reason"] == Code.ID_CONFLICT
    assert _row(first) == before


def test_a_finished_job_gives_its_result_again(start: Start) -> None:
    """A second message of a job that succeeded is answered from the ledger."""
    runs = []

    def work(request: Number) -> Any:
        runs.append(1)
        return request

    run = start(work)
    first = run.run()

    assert isinstance(first, Succeeded)
    assert run.run() == Succeeded(first.result)
    assert len(runs) == 1


def test_a_failed_job_gives_its_error_again(start: Start) -> None:
    """A second message of a job that failed is answered with the same error."""

    def work(request: Number) -> Any:
        raise InvalidInput("value", expected="an even number", received=3)

    run = start(work)
    first = _failed(run.run())

    assert _failed(run.run()).error == first.error


def test_a_superseded_shard_ends_quietly(start: Start) -> None:
    """A shard whose job ended without it has no error of its own, and needs none."""
    parent, ledger = start(), start().resources.ledger
    shard = start(parent_id=parent.job.id)
    claimed = _claim(parent, "cpu@other")
    ledger.delegate(UUID(parent.job.id), claimed.fence, [shard.job.submission()])
    ledger.finish(UUID(parent.job.id), claimed.fence, State.FAILED, reason="internal", error="{}")

    assert _failed(shard.run()).error.code is Code.CANCELLED


def test_a_shard_of_nobody_is_left_alone(start: Start) -> None:
    """Its job is no longer kept: there is nothing to do it for."""
    assert start(parent_id=str(uuid4())).run() == LeftAlone()


def test_a_job_whose_row_is_gone_ends(start: Start, shared_database: str) -> None:
    """Retention deleted it while it ran: there is nothing to write to."""

    def work(request: Number) -> Any:
        with psycopg.connect(shared_database) as connection:
            connection.execute("DELETE FROM riskfleet.job")
        return request

    assert start(work).run() == LeftAlone()


def test_a_held_job_comes_back_when_its_lease_is_over(start: Start) -> None:
    """A second message of a running job is put back for the rest of the lease."""
    run = start()
    _claim(run, "cpu@other")

    outcome = run.run()

    assert isinstance(outcome, PutBack)
    assert timedelta(seconds=50) < outcome.delay <= LEASE
    assert outcome.error is None
    assert _row(run).worker == "cpu@other"


def test_a_job_in_shards_is_left_to_them(start: Start) -> None:
    """A second message of it would hide from the reconciler that its shards were lost."""
    run = start()
    claimed = _claim(run, "cpu@other")
    run.resources.ledger.delegate(UUID(run.job.id), claimed.fence, [])

    assert run.run() == LeftAlone()


def test_a_lease_that_ends_now_is_waited_for_a_second(start: Start) -> None:
    """A message that comes back at once would come back a thousand times."""
    run = start()
    _claim(run, "cpu@other", timedelta(milliseconds=300))

    assert run.run() == PutBack(timedelta(seconds=1))


def test_redis_away_does_not_stop_a_job(start: Start, resources: Resources) -> None:
    """Nobody watches and nobody can cancel; the job is run and recorded."""

    def work(request: Number, *, progress: Progress) -> Any:
        progress(0.5)
        return request

    away = Redis(port=1, retry=Retry(NoBackoff(), 0))
    run = start(work)
    run = JobRun(
        job=run.job,
        declaration=run.declaration,
        resources=Resources(
            redis=away,
            events=EventChannel(away),
            ledger=resources.ledger,
            artifacts=resources.artifacts,
        ),
        worker="cpu@here",
        lease=LEASE,
    )

    assert isinstance(run.run(), Succeeded)
    assert _row(run).state is State.SUCCEEDED


class Door:
    """Lets connections into a database, or nobody."""

    def __init__(self, postgres: EmbeddedPostgres, database_url: str) -> None:
        self._name = make_url(database_url).database
        self._postgres = postgres

    def close(self) -> None:
        """Shut everybody out, those inside as well."""
        self._let_in("false")
        with psycopg.connect(self._postgres.url) as connection:
            inside = (
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
            )
            connection.execute(inside, [self._name])

    def open(self) -> None:
        self._let_in("true")

    def _let_in(self, allowed: str) -> None:
        with psycopg.connect(self._postgres.url, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS {allowed}".encode())


@pytest.fixture
def door(postgres: EmbeddedPostgres, shared_database: str) -> Iterator[Door]:
    door = Door(postgres, shared_database)
    yield door
    door.open()


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("claim", State.SUCCEEDED),
        ("finish", State.SUCCEEDED),
        ("release", State.ACCEPTED),
    ],
)
def test_a_ledger_that_is_away_is_waited_for(
    start: Start, door: Door, moment: str, state: State
) -> None:
    """Whether a job is to be taken, ended or given back: it is, once Postgres is there again."""

    def work(request: Number) -> Any:
        if moment != "claim":
            door.close()
        if moment == "release":
            raise Unavailable("no rates")
        return request

    run = start(work)
    if moment == "claim":
        door.close()
    with capture_logs() as logs, ThreadPoolExecutor(1) as worker:
        ended = worker.submit(run.run)
        eventually(lambda: [log for log in logs if log["event"] == "waiting"])
        is_waiting = not ended.done()
        door.open()
        outcome = ended.result(30)

    assert is_waiting
    assert isinstance(outcome, PutBack if moment == "release" else Succeeded)
    assert _row(run).state is state


def test_an_attempt_is_named_by_its_fence(start: Start) -> None:
    """What was claimed is what is finished: number and fence come from the ledger."""
    run = start()

    assert run.claim() == Attempt(number=1, fence=1)
