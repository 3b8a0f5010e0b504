"""Who may do what in Redis, as rules for its access control lists. See docs/secure.md.

Redis grants a command if the user's own rule or one of its selectors allows the command and all its
keys; a script needs its declared keys for reading and writing, and then every command in it is
judged anew. Hence a rule for each purpose instead of one long one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from queues.names import (
    MAX_RUNNING_KEY,
    MAX_WAITING_KEY,
    PARKED_KEY,
    PRIORITY_STEP,
    SUBMITTED_KEY,
    WORKERS_KEY,
    Queue,
    cancel_key,
    events_key,
    lane_key,
    progress_key,
    result_key,
    ring_key,
    submission_key,
)

BACKEND = "riskfleet_backend"
WORKER = "riskfleet_worker"
READONLY = "riskfleet_readonly"

_ANY = "*"
# By category, because Redis 7.2 has commands here that 7.0 does not know, and clients send them.
# Tracking would tell of every key that changes. INFO is how ioredis learns that Redis has loaded.
_CONNECT = ("@connection", "-@admin", "-@dangerous", "-client|tracking", "info")
_SCRIPT = ("script|load", "script|exists")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Commands, and the keys and channels that they may be used on."""

    commands: Sequence[str]
    """A name, or a category with its @; one that begins with - is taken away again."""
    reads: Sequence[str] = ()
    writes: Sequence[str] = ()
    channels: Sequence[str] = ()

    def __str__(self) -> str:
        both = [key for key in self.reads if key in self.writes]
        return " ".join(
            (
                *(f"~{key}" for key in both),
                *(f"%R~{key}" for key in self.reads if key not in both),
                *(f"%W~{key}" for key in self.writes if key not in both),
                *(f"&{channel}" for channel in self.channels),
                *(name if name.startswith("-") else f"+{name}" for name in self.commands),
            )
        )


@dataclass(frozen=True, kw_only=True)
class RedisUser:
    """A user and all that it may do."""

    name: str
    rules: Sequence[Rule]

    def __str__(self) -> str:
        first, *others = map(str, self.rules)
        return " ".join((first, *(f"({rule})" for rule in others)))


def backend(queues: Iterable[Queue]) -> RedisUser:
    """Give the user that submits to these queues, reads what became of its jobs, and cancels."""
    places = [place for queue in queues for place in _lists(queue)]
    lanes = [lane_key(place, _ANY) for place in places]
    rings = [ring_key(place) for place in places]
    submissions, events = submission_key(_ANY), events_key(_ANY)
    declared = [submissions, SUBMITTED_KEY, *places, events, *lanes, *rings]
    return RedisUser(
        name=BACKEND,
        rules=(
            Rule(commands=(*_CONNECT, *_SCRIPT, "time")),
            # submit.lua, and below what it does. PUBLISH and DEL are nowhere.
            Rule(commands=("eval", "evalsha"), reads=declared, writes=declared),
            Rule(commands=("hget",), reads=(submissions, MAX_WAITING_KEY)),
            Rule(commands=("llen",), reads=(*places, lane_key(_ANY, _ANY))),
            Rule(commands=("hset", "expire"), writes=(submissions,)),
            Rule(commands=("xadd", "expire"), writes=(events,)),
            Rule(commands=("lpush",), writes=(*places, *lanes)),
            Rule(commands=("zscore", "zrevrangebyscore"), reads=rings),
            Rule(commands=("zadd",), writes=(SUBMITTED_KEY, *rings)),
            # What became of jobs.
            Rule(
                commands=("get", "mget", "exists", "ttl", "xread", "xrange", "xrevrange"),
                reads=(result_key(_ANY), progress_key(_ANY), events),
            ),
            Rule(commands=("subscribe", "unsubscribe"), channels=(result_key(_ANY),)),
            Rule(commands=("set",), writes=(cancel_key(_ANY),)),
        ),
    )


def worker() -> RedisUser:
    """Give the user of all that `fleet` starts, and of its commands: every key of the fleet."""
    keys = (
        "riskfleet:*",
        *(f"{name}*" for name in ("celery-task-meta-", "celery-taskset-meta-", "redbeat:")),
        *("_kombu.binding*", "unacked*", "*.celery.pidbox*", "celeryev.*"),
        *(place for queue in (*Queue, "housekeeping") for place in (queue, f"{queue}??[369]")),
    )
    return RedisUser(
        name=WORKER,
        rules=(
            Rule(
                commands=(
                    "@all",
                    *("-@admin", "-@dangerous", "info"),
                    *("-function", "-fcall", "-fcall_ro", "-script", *_SCRIPT),
                    *("-scan", "-randomkey", "-dbsize", "-swapdb"),
                ),
                reads=keys,
                writes=keys,
                channels=("*",),
            ),
        ),
    )


def readonly() -> RedisUser:
    """Give the user of whoever watches: lengths, workers, tenants, and no message and no result."""
    return RedisUser(
        name=READONLY,
        rules=(
            Rule(commands=(*_CONNECT, "time", "slowlog|len", "latency|latest")),
            Rule(
                commands=("llen", "hlen", "zcard", "xlen", "scard", "exists", "type"), reads=(_ANY,)
            ),
            Rule(
                commands=("hget", "hmget", "hgetall"),
                reads=(WORKERS_KEY, PARKED_KEY, MAX_WAITING_KEY, MAX_RUNNING_KEY),
            ),
            Rule(commands=("zrange",), reads=(ring_key(_ANY),)),
        ),
    )


def acl_file(users: Iterable[RedisUser], passwords: Mapping[str, str]) -> list[str]:
    """Give the lines of an `aclfile`; a user without a password cannot sign in."""
    lines = ["user default off"]
    for user in users:
        secret = f"{_hashed(passwords[user.name])} " if user.name in passwords else ""
        lines.append(f"user {user.name} on {secret}{user}")
    return lines


def acl_commands(users: Iterable[RedisUser], passwords: Mapping[str, str]) -> list[str]:
    """Give commands for a Redis that runs; a user without a password here keeps those it has."""
    lines = []
    for user in users:
        secret = f"resetpass {_hashed(passwords[user.name])} " if user.name in passwords else ""
        clean = "resetkeys resetchannels clearselectors -@all"
        lines.append(f"ACL SETUSER {user.name} on {secret}{clean} {user}")
    return [*lines, "ACL SETUSER default off"]


def _lists(queue: Queue) -> list[str]:
    """Give patterns for the lists that jobs are sent to.

    The two control characters in a list's name are written as `?`, so that the rules survive
    terminals, editors and YAML; no other key of a fleet fits.
    """
    steps = "".join(str(step) for step in sorted(PRIORITY_STEP.values()) if step)
    return [queue.value, f"{queue.value}??[{steps}]"]


def _hashed(password: str) -> str:
    return f"#{hashlib.sha256(password.encode()).hexdigest()}"
