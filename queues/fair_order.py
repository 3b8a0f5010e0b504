"""Which message is next: tenants take turns, and none has more in flight than it may.

Each list of a queue has a lane per tenant with messages, and a ring of those tenants. What lies on
the list itself is a ticket a message: tickets are popped, counted and waited for as messages would
be, and the worker that has one takes the message whose turn it is. A turn is one message of the
tenant that has waited longest for a turn; who is new in the ring goes next. A tenant that has as
many messages in flight as it may is passed over, and keeps its place. If nobody else waits the
ticket is parked until one of them frees a slot.

A message that lies on the list itself is served as it is: other Celery clients push them, and those
that are to run later are held by a worker meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from redis import Redis

from queues.message import TaskMessage
from queues.names import PARKED_KEY, lane_key, ring_key, slots_key

TICKET = "ticket"


def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text()


_ENQUEUE, _PICK = _script("enqueue.lua"), _script("pick.lua")
_RELEASE, _MEND = _script("release.lua"), _script("mend.lua")

EvalArguments = tuple[str, int, *tuple[str | bytes, ...]]
"""What `eval` is called with, on a client or in a pipeline."""


@dataclass(frozen=True, kw_only=True)
class Hands:
    """Where kombu keeps the messages that workers have taken, and how long it waits for them."""

    messages_key: str
    index_key: str
    lapse: timedelta


@dataclass(frozen=True, kw_only=True)
class Picked:
    """A message that a worker took in turn; it has a slot of its tenant until it is released."""

    tenant: str
    raw: bytes


def enqueuing(
    raw: str | bytes, *, list_key: str, tenant: str, first: bool = False
) -> EvalArguments:
    """Give the call that puts a message at the end of its tenant's lane, or at its beginning."""
    keys = (list_key, lane_key(list_key, tenant), ring_key(list_key))
    return _ENQUEUE, len(keys), *keys, raw, tenant, "first" if first else "last"


def releasing(tag: str, *, tenant: str) -> EvalArguments:
    """Give the call that frees the slot of a message which has left its worker's hands."""
    keys = (slots_key(tenant), PARKED_KEY)
    return _RELEASE, len(keys), *keys, tag, tenant


def send(redis: Redis, message: TaskMessage) -> None:
    """Send a message of a job that was accepted before, whatever its tenant has waiting."""
    raw = message.to_wire()
    if message.not_before is None:
        redis.eval(*enqueuing(raw, list_key=message.list_key, tenant=message.tenant))
    else:
        redis.lpush(message.list_key, raw)


class FairOrder:
    """Takes messages in turn. `redis` must give bytes (`decode_responses=False`)."""

    def __init__(self, redis: Redis, hands: Hands) -> None:
        self._hands = hands
        self._pick = redis.register_script(_PICK)

    def pick(
        self, *, list_key: str, queue: str, tag: str, now: float | None = None
    ) -> Picked | None:
        """Take the message whose turn it is, for a ticket of `list_key`, under a new delivery tag.

        It goes from its lane into its worker's hands in one step, so it is never in neither. None
        if no message may be taken. `now` is by the clock of Redis unless given.
        """
        hands = self._hands
        picked = self._pick(
            keys=[list_key, ring_key(list_key), PARKED_KEY, hands.messages_key, hands.index_key],
            args=[queue, tag, hands.lapse.total_seconds(), "" if now is None else now],
        )
        return None if picked is None else Picked(tenant=picked[0].decode(), raw=picked[1])


def mend(
    redis: Redis, list_keys: Iterable[str], *, lapse: timedelta, now: float | None = None
) -> int:
    """Make tickets for messages that have none, and let parked ones go where there is room.

    A worker killed between a ticket and its message costs the ticket; a worker killed with
    messages in hand frees their slots by not renewing them. Gives how many tickets were missing.
    """
    scripted = redis.register_script(_MEND)
    missing = 0
    for list_key in list_keys:
        keys = [list_key, ring_key(list_key), PARKED_KEY]
        args = [lapse.total_seconds(), "" if now is None else now]
        missing += scripted(keys=keys, args=args)[0]
    return missing
