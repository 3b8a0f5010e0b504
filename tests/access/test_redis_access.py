"""Each user of Redis can do its work, and nothing beside it."""

from __future__ import annotations

import subprocess
from uuid import uuid4

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError

from queues import redis_access
from queues.cancellation import cancellation, request_cancellation
from queues.events import EventChannel, JobEvent, Kind
from queues.message import TaskMessage
from queues.names import Priority, Queue, cancel_key, queue_key
from queues.redis_access import BACKEND, READONLY, WORKER
from queues.redis_connection import connect
from queues.submission import SUBMIT_SCRIPT, SubmissionRegistry, Submitted
from queues.tenant_limits import standings
from queues.traffic import traffic
from tests.access.conftest import Users
from tests.access.guarded_redis import ADMIN, GuardedRedis
from tests.debian import program

Command = tuple[str | int, ...]

_JOB = "0b54c6a8-1f3e-4a59-9b1e-8a4e4d1c0f11"
_HIGH = queue_key("cpu", 3)

FORBIDDEN_TO_BACKEND: list[Command] = [
    # To forge a result, or to announce one.
    ("SET", f"celery-task-meta-{_JOB}", "{}"),
    ("SETEX", f"celery-task-meta-{_JOB}", 60, "{}"),
    ("DEL", f"celery-task-meta-{_JOB}"),
    ("EXPIRE", f"celery-task-meta-{_JOB}", 0),
    ("RENAME", f"riskfleet:cancel:{_JOB}", f"celery-task-meta-{_JOB}"),
    ("COPY", f"riskfleet:cancel:{_JOB}", f"celery-task-meta-{_JOB}"),
    ("PUBLISH", f"celery-task-meta-{_JOB}", "{}"),
    ("SPUBLISH", f"celery-task-meta-{_JOB}", "{}"),
    ("SET", f"riskfleet:progress:{_JOB}", "{}"),
    ("EVAL", f"return redis.call('SET', 'celery-task-meta-{_JOB}', '{{}}')", 0),
    ("EVAL", f"return redis.call('PUBLISH', 'celery-task-meta-{_JOB}', '{{}}')", 0),
    # To reach workers through Celery's control channel, or to listen in.
    ("PUBLISH", "/0.celery.pidbox", "{}"),
    ("PUBLISH", "/0.celeryev/task.sent", "{}"),
    ("SADD", "_kombu.binding.celery.pidbox", "x"),
    ("SMEMBERS", "_kombu.binding.celery.pidbox"),
    ("LPUSH", "a.reply.celery.pidbox", "{}"),
    ("BRPOP", "a.reply.celery.pidbox", 1),
    ("SUBSCRIBE", "/0.celery.pidbox"),
    ("PSUBSCRIBE", "*"),
    ("PSUBSCRIBE", "celery-task-meta-*"),
    # To take, read or lose what others sent.
    ("HGETALL", "unacked"),
    ("HSET", "unacked", "tag", "{}"),
    ("ZADD", "unacked_index", 0, "tag"),
    ("RPOP", "cpu"),
    ("RPUSH", "cpu", "{}"),
    ("LRANGE", "cpu", 0, -1),
    ("DEL", "cpu"),
    ("LRANGE", "riskfleet:lane:cpu:acme", 0, -1),
    ("RPOP", "riskfleet:lane:cpu:acme"),
    ("ZREM", "riskfleet:ring:cpu", "acme"),
    ("ZREM", "riskfleet:submitted", _JOB),
    ("DEL", f"riskfleet:submission:{_JOB}"),
    ("DEL", f"riskfleet:events:{_JOB}"),
    ("GET", f"riskfleet:cancel:{_JOB}"),
    ("DEL", f"riskfleet:cancel:{_JOB}"),
    # To send to queues that are not for jobs.
    ("LPUSH", "housekeeping", "{}"),
    ("LPUSH", "celery", "{}"),
    ("EVAL", "return redis.call('LPUSH', KEYS[1], '{}')", 1, "housekeeping"),
    # To change what the fleet holds of tenants, workers, schedules and dead letters.
    ("HSET", "riskfleet:max-waiting", "acme", 0),
    ("HSET", "riskfleet:max-running", "acme", 0),
    ("HGET", "riskfleet:max-running", "acme"),
    ("ZADD", "riskfleet:in-flight:acme", 0, "tag"),
    ("HSET", "riskfleet:parked", "cpu", 0),
    ("HSET", "riskfleet:workers", "cpu@here", "{}"),
    ("XADD", "riskfleet:dead-letters", "*", "raw", "{}"),
    ("XRANGE", "riskfleet:dead-letters", "-", "+"),
    ("HSET", "riskfleet:schedule:acme:nightly", "schedule", "{}"),
    ("ZADD", "riskfleet:schedules", 0, "acme:nightly"),
    ("HSET", "redbeat:job:nightly", "definition", "{}"),
    ("ZADD", "redbeat::schedule", 0, "redbeat:job:nightly"),
    ("GET", "redbeat::lock"),
    # To see or touch what another application keeps here.
    ("GET", "session:1"),
    ("SET", "session:1", "x"),
    # To run the server.
    ("KEYS", "*"),
    ("SCAN", 0),
    ("RANDOMKEY",),
    ("FLUSHALL",),
    ("FLUSHDB",),
    ("CONFIG", "GET", "*"),
    ("CONFIG", "SET", "dir", "/"),
    ("ACL", "LIST"),
    ("ACL", "SETUSER", BACKEND, "allkeys"),
    ("CLIENT", "LIST"),
    ("CLIENT", "KILL", "ID", 1),
    ("CLIENT", "TRACKING", "ON", "BCAST"),
    ("DEBUG", "SLEEP", 0),
    ("MONITOR",),
    ("SHUTDOWN", "NOSAVE"),
    ("SAVE",),
    ("REPLICAOF", "NO", "ONE"),
    ("MODULE", "LIST"),
    ("SLOWLOG", "GET"),
    ("SCRIPT", "FLUSH"),
    ("FUNCTION", "FLUSH"),
    ("SWAPDB", 0, 1),
    ("MIGRATE", "127.0.0.1", 1, "cpu", 0, 1),
    ("DUMP", f"celery-task-meta-{_JOB}"),
    ("RESTORE", f"celery-task-meta-{_JOB}", 0, "x"),
]

FORBIDDEN_TO_WORKER: list[Command] = [
    ("KEYS", "*"),
    ("SCAN", 0),
    ("FLUSHALL",),
    ("FLUSHDB",),
    ("CONFIG", "SET", "dir", "/"),
    ("ACL", "LIST"),
    ("CLIENT", "KILL", "ID", 1),
    ("DEBUG", "SLEEP", 0),
    ("MONITOR",),
    ("SHUTDOWN", "NOSAVE"),
    ("REPLICAOF", "NO", "ONE"),
    ("MODULE", "LIST"),
    ("SCRIPT", "FLUSH"),
    ("FUNCTION", "FLUSH"),
    ("SWAPDB", 0, 1),
    ("GET", "session:1"),
    ("SET", "session:1", "x"),
    ("LPUSH", "celery", "{}"),
]

FORBIDDEN_TO_READONLY: list[Command] = [
    ("LPUSH", "cpu", "{}"),
    ("LRANGE", "cpu", 0, -1),
    ("RPOP", "cpu"),
    ("HGETALL", "unacked"),
    ("HGETALL", f"riskfleet:submission:{_JOB}"),
    ("XRANGE", "riskfleet:dead-letters", "-", "+"),
    ("XRANGE", f"riskfleet:events:{_JOB}", "-", "+"),
    ("GET", f"celery-task-meta-{_JOB}"),
    ("SUBSCRIBE", f"celery-task-meta-{_JOB}"),
    ("SET", f"riskfleet:cancel:{_JOB}", "x"),
    ("PUBLISH", "/0.celery.pidbox", "{}"),
    ("EVAL", "return 1", 0),
    ("HSET", "riskfleet:max-running", "acme", 0),
    ("KEYS", "*"),
    ("CONFIG", "GET", "*"),
    ("SLOWLOG", "GET"),
    ("FLUSHALL",),
    ("SHUTDOWN", "NOSAVE"),
]


def _named(command: Command) -> str:
    return " ".join(map(str, command)).replace("\x06\x16", "..")


def _refused(client: Redis, command: Command) -> bool:
    """Tell whether Redis refuses the command for want of permission, and for nothing else."""
    try:
        client.execute_command(*command)
    except NoPermissionError:
        return True
    except ResponseError as error:
        return "The user executing the script can't" in str(error)
    return False


@pytest.mark.parametrize("command", FORBIDDEN_TO_BACKEND, ids=_named)
def test_backend_may_not(users: Users, command: Command) -> None:
    """Whoever has the backend's password sends jobs, and does not run the fleet."""
    assert _refused(users[BACKEND], command)


@pytest.mark.parametrize("command", FORBIDDEN_TO_WORKER, ids=_named)
def test_worker_may_not(users: Users, command: Command) -> None:
    """A worker that is taken over does not take the server or another application's keys along."""
    assert _refused(users[WORKER], command)


@pytest.mark.parametrize("command", FORBIDDEN_TO_READONLY, ids=_named)
def test_readonly_may_not(users: Users, command: Command) -> None:
    """Whoever watches sees lengths, and no message, request or result."""
    assert _refused(users[READONLY], command)


def test_nobody_is_let_in_without_a_name(guarded_redis: GuardedRedis) -> None:
    """The user that Redis has from the start is switched off."""
    _, _, place = guarded_redis.url_of(ADMIN).rpartition("@")

    with pytest.raises(AuthenticationError):
        connect(f"redis://{place}").ping()


@pytest.mark.parametrize("queue", Queue)
@pytest.mark.parametrize("priority", Priority)
def test_backend_submits(users: Users, queue: Queue, priority: Priority) -> None:
    """Every list that jobs are sent to is the backend's to send to, by the script."""
    registry = SubmissionRegistry(users[BACKEND])
    message = TaskMessage(
        task="fleet.echo", job_id=str(uuid4()), queue=queue, priority=priority, request={}
    )

    assert registry.submit(message) is Submitted.CREATED
    assert registry.submit(message) is Submitted.KNOWN


def test_backend_hears_of_a_quota(users: Users) -> None:
    """The script may count what a tenant has waiting, on all queues, to refuse what is too much."""
    registry = SubmissionRegistry(users[BACKEND])
    users[WORKER].hset("riskfleet:max-waiting", "full", 1)

    submitted = [
        registry.submit(
            TaskMessage(
                task="fleet.echo", job_id=str(uuid4()), queue=queue, tenant="full", request={}
            )
        )
        for queue in ("etl", "cpu")
    ]

    assert submitted == [Submitted.CREATED, Submitted.OVER_QUOTA]


def test_backend_submits_without_a_script(users: Users) -> None:
    """What a plain Celery client does, LPUSH, is allowed as well: the script could not without."""
    assert users[BACKEND].lpush(_HIGH, "{}") > 0


def test_backend_follows_and_cancels(users: Users) -> None:
    """The backend reads events, progress and results of a job, and says that it should end."""
    job_id = str(uuid4())
    EventChannel(users[WORKER]).publish(JobEvent.now(Kind.SUCCEEDED, job_id))
    users[WORKER].set(f"celery-task-meta-{job_id}", "{}", ex=60)
    backend = users[BACKEND]
    heard = backend.pubsub()
    heard.subscribe(f"celery-task-meta-{job_id}")
    heard.get_message(timeout=5)

    request_cancellation(backend, job_id, "changed our mind")
    users[WORKER].publish(f"celery-task-meta-{job_id}", "announced")

    events = EventChannel(backend)
    last = events.last(job_id)
    assert last is not None
    assert last.kind is Kind.SUCCEEDED
    assert [event for _, event in events.follow(job_id)] == [last]
    assert backend.get(f"celery-task-meta-{job_id}") == "{}"
    assert heard.get_message(timeout=5)["data"] == "announced"
    assert cancellation(users[WORKER], job_id) == "changed our mind"
    heard.close()


def test_backend_of_some_queues(users: Users) -> None:
    """A backend may be held to some queues; the others are closed, by script and by LPUSH."""
    rules = str(redis_access.backend([Queue.ETL]))
    users[ADMIN].execute_command("ACL", "SETUSER", "etl_only", "on", ">etl", *rules.split())
    address = users[ADMIN].connection_pool.connection_kwargs
    backend = Redis(host=address["host"], port=address["port"], username="etl_only", password="etl")
    script: Command = ("EVAL", SUBMIT_SCRIPT, 1, "cpu")

    assert backend.lpush("etl", "{}") > 0
    assert _refused(backend, ("LPUSH", "cpu", "{}"))
    assert _refused(backend, ("LPUSH", _HIGH, "{}"))
    assert _refused(backend, script)


def test_readonly_sees_the_traffic(users: Users) -> None:
    """What is counted for metrics and for tenants can be counted."""
    message = TaskMessage(
        task="fleet.echo", job_id=str(uuid4()), queue="security", tenant="seen", request={}
    )
    SubmissionRegistry(users[BACKEND]).submit(message)

    counted = traffic(users[READONLY]).waiting

    assert counted[Queue.SECURITY, Priority.NORMAL] > 0
    assert standings(users[READONLY])["seen"].waiting == 1


def test_commands_say_what_the_file_says(users: Users, guarded_redis: GuardedRedis) -> None:
    """`--format commands`, read by redis-cli, changes nothing in a Redis that loaded the file.

    Passwords that are not given are kept.
    """
    before = users[ADMIN].execute_command("ACL", "LIST")
    fleet_users = [redis_access.backend(Queue), redis_access.worker(), redis_access.readonly()]
    lines = redis_access.acl_commands(fleet_users, {})
    redis_cli, environment = program("redis-cli")

    ended = subprocess.run(
        [str(redis_cli), "-u", guarded_redis.url_of(ADMIN), "--no-auth-warning"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )

    assert ended.stdout.split() == ["OK"] * len(lines)
    assert sorted(users[ADMIN].execute_command("ACL", "LIST")) == sorted(before)


def test_a_user_without_a_password_is_closed() -> None:
    """Whose password was not given has none, and nobody can sign in as that user."""
    [_, line] = redis_access.acl_file([redis_access.readonly()], {})

    assert {word for word in line.split() if word[0] in "#>" or word == "nopass"} == set()


def test_cancel_key_is_the_backends() -> None:
    """The rules follow the names: a key that is renamed is granted under its new name."""
    assert f"%W~{cancel_key('*')}" in str(redis_access.backend(Queue))
