"""What runs: the fleet of this folder, its Redis and its Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from redis.exceptions import RedisError

from config.database import DatabaseSettings
from config.environment import ConfigurationError, read
from config.redis import RedisSettings
from queues.ledger import LedgerUnavailable, migrate
from queues.ledger.connection import open_engine, transaction
from queues.names import DEAD_LETTERS_KEY, Queue, queue_keys
from queues.redis_connection import connect
from workers.doctor.finding import Finding, Grade
from workers.supervisor.fleet_folder import FleetFolder

_OLDEST_REDIS = (6, 2)
_OLDEST_POSTGRES = 14


def examine(folder: FleetFolder) -> Iterator[Finding]:
    """Look at what the environment names, else at the fleet that runs in `folder`."""
    running = folder.running_fleet()
    if running:
        yield Finding("fleet", Grade.FINE, f"runs in {folder.path}")
    else:
        yield Finding("fleet", Grade.NOTE, f"none runs in {folder.path}", "fleet up")
    try:
        redis, database = read(RedisSettings, DatabaseSettings, defaults=running)
    except ConfigurationError as error:
        mend = "`fleet up` starts its own, or set the variables"
        yield from (
            Finding("services", Grade.NOTE, str(problem), mend) for problem in error.problems
        )
        return
    yield from _redis(redis.url.get_secret_value())
    yield _postgres(database.url.get_secret_value())


def _redis(url: str) -> Iterator[Finding]:
    client = connect(url)
    try:
        server = client.info()
        waiting = {
            queue.value: sum(client.llen(key) for key in queue_keys(queue)) for queue in Queue
        }
        dead = client.xlen(DEAD_LETTERS_KEY)
    except RedisError as error:
        found = f"{_place(url)} does not answer: {error}"
        yield Finding("redis", Grade.WRONG, found, "start it, or correct REDIS_URL")
        return
    version = str(server["redis_version"])
    if tuple(map(int, version.split(".")[:2])) < _OLDEST_REDIS:
        yield Finding("redis", Grade.WRONG, version, "the fleet needs Redis 6.2 or newer")
    else:
        yield Finding("redis", Grade.FINE, f"{version} at {_place(url)}")
    if server["maxmemory_policy"] != "noeviction":
        mend = "set maxmemory-policy to noeviction: a full Redis may not drop jobs"
        yield Finding("redis", Grade.WRONG, f"evicts by {server['maxmemory_policy']}", mend)
    if not server["aof_enabled"]:
        mend = "set appendonly yes: jobs not yet in the ledger are lost when Redis is killed"
        yield Finding("redis", Grade.NOTE, "keeps no append-only file", mend)
    yield Finding("queues", Grade.FINE, ", ".join(f"{n} in {name}" for name, n in waiting.items()))
    if dead:
        yield Finding("queues", Grade.NOTE, f"{dead} dead letters", "fleet dead-letters list")


def _postgres(url: str) -> Finding:
    try:
        with transaction(open_engine(url)) as connection:
            major = int((connection.dialect.server_version_info or (0,))[0])
        current, newest = migrate.current(url), migrate.head()
    except LedgerUnavailable as error:
        found = f"{_place(url)} does not answer: {error}"
        return Finding("postgres", Grade.WRONG, found, "start it, or correct DATABASE_URL")
    if major < _OLDEST_POSTGRES:
        return Finding(
            "postgres", Grade.WRONG, str(major), "the fleet needs PostgreSQL 14 or newer"
        )
    if current != newest:
        found = f"the ledger is at version {current}, this code expects {newest}"
        return Finding("postgres", Grade.WRONG, found, "fleet migrate")
    return Finding("postgres", Grade.FINE, f"{major} at {_place(url)}, ledger version {current}")


def _place(url: str) -> str:
    """Give a URL's host without its password."""
    parts = urlsplit(url)
    if "host" in dict(parse_qsl(parts.query)):
        return "a socket"
    return parts.netloc.rpartition("@")[2] or "a socket"
