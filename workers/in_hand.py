"""The messages that a worker has taken and not finished, against kombu 5.7.0.

- A message that was taken in turn is among those in hand already, and frees its tenant's slot when
  it leaves them.
- Acknowledging works after the connection was lost.
- Losing the connection does not send running jobs out a second time. Their leases see to it that
  they are not lost either.
- What is put back waits for its tenant's turn again, in front, and so does what was held until its
  time; what nobody can read is put aside.
- How long a message has not been renewed is measured by the clock of Redis, not by this host's.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import structlog
from celery.worker import state
from kombu.transport import redis as kombu_redis
from kombu.utils.json import dumps
from redis import Redis
from redis.exceptions import RedisError

from queues import redis_clock
from queues.fair_order import enqueuing, releasing
from queues.names import Queue

FAIR_QUEUES = frozenset(queue.value for queue in Queue)

_TAKE = """
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], time[1] + time[2] / 1e6, ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
"""

log = structlog.get_logger(__name__)


def lane_tenant(frame: dict[str, Any], queue: str) -> str | None:
    """Give the tenant in whose lane a message waits; None for one that is served as it is."""
    headers = frame.get("headers")
    if queue not in FAIR_QUEUES or not isinstance(headers, dict) or headers.get("eta"):
        return None
    tenant = headers.get("tenant")
    return tenant if isinstance(tenant, str) else None


@dataclass(frozen=True)
class _InHand:
    """A message as kombu keeps it."""

    frame: dict[str, Any]
    exchange: str
    queue: str

    @classmethod
    def read(cls, kept: bytes) -> Self:
        """Read it. Raises ValueError, RecursionError or TypeError: nobody may have judged it."""
        frame, exchange, queue = json.loads(kept)
        if not (isinstance(frame, dict) and isinstance(exchange, str) and isinstance(queue, str)):
            raise TypeError("expected an object and two texts")
        json.dumps(frame)  # deep enough, it is read and cannot be written
        return cls(frame, exchange, queue)


class FleetQoS(kombu_redis.QoS):
    """Keeps account of messages that were taken and are not finished."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._slots: dict[str, str] = {}
        """Delivery tag of a message that was taken in turn -> the tenant whose slot it has."""

    def has_slot(self, delivery_tag: str, tenant: str) -> None:
        """Note that a message was taken in turn; Redis knows that it is in hand."""
        self._slots[delivery_tag] = tenant

    def append(self, message: Any, delivery_tag: str) -> None:
        """Note that a message was taken."""
        if delivery_tag not in self._slots:
            delivery = message.delivery_info
            kept = dumps([message._raw, delivery["exchange"], delivery["routing_key"]])
            with self.channel.conn_or_acquire() as client:
                keys = (self.unacked_key, self.unacked_index_key)
                client.eval(_TAKE, len(keys), *keys, delivery_tag, kept)
        kombu_redis.virtual.QoS.append(self, message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        """Drop a finished message.

        If Redis is away its copy stays, is delivered again when its lease is over, and is
        dropped then because its job is finished.
        """
        try:
            super().ack(delivery_tag)
        except (*self.channel.connection_errors, RedisError, AttributeError) as error:
            log.warning("message_not_acknowledged", delivery_tag=delivery_tag, error=repr(error))
            kombu_redis.virtual.QoS.ack(self, delivery_tag)
        self._slots.pop(delivery_tag, None)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Drop a message that is not to be run, or put it back at the end."""
        super().reject(delivery_tag, requeue=requeue)
        self._slots.pop(delivery_tag, None)

    def drop(self, delivery_tag: str) -> None:
        """Drop a message that was taken in turn and that nobody can read."""
        self._remove_from_indices(delivery_tag).execute()
        self._slots.pop(delivery_tag, None)

    def _remove_from_indices(self, delivery_tag: str, pipe: Any = None) -> Any:
        pipe = super()._remove_from_indices(delivery_tag, pipe)
        tenant = self._slots.get(delivery_tag)
        return pipe if tenant is None else pipe.eval(*releasing(delivery_tag, tenant=tenant))

    def restore_unacked(self, client: Redis | None = None) -> None:
        """Put back what this worker took and does not run.

        At shutdown that is everything; after a lost connection the running jobs go on.
        """
        stopping = state.should_stop is not None or state.should_terminate is not None
        running = {str(request.message.delivery_tag) for request in state.active_requests}
        for tag in list(self._delivered):
            if stopping or tag not in running:
                self._give_back(tag, client)
        self._delivered.clear()

    def _give_back(self, tag: str, client: Redis | None) -> None:
        """Put a message back, or leave it where it is if Redis is away: then its lease ends."""
        try:
            self.restore_by_tag(tag, client=client)
        except (*self.channel.connection_errors, RedisError, AttributeError) as error:
            # kombu forgets the address of a connection that it closes, hence the last of them.
            log.warning("message_not_given_back", delivery_tag=tag, error=repr(error))

    def restore_visible(self, *_: Any, **__: Any) -> None:
        """Put back what was not renewed for as long as a lease lasts, the oldest in front."""
        with self.channel.conn_or_acquire() as client, suppress(kombu_redis.MutexHeld):
            since = redis_clock.now(client) - self.visibility_timeout
            with kombu_redis.Mutex(client, self.unacked_mutex_key, self.unacked_mutex_expire):
                index = self.unacked_index_key
                for tag in client.zrange(index, since, "-inf", desc=True, byscore=True):
                    self.restore_by_tag(tag, client)

    def let_wait_in_turn(self, delivery_tag: str) -> None:
        """Put a message that was held until its time among those that wait for a turn."""
        self.restore_by_tag(delivery_tag, is_due=True)
        kombu_redis.virtual.QoS.ack(self, delivery_tag)

    def restore_by_tag(
        self,
        tag: str | bytes,
        client: Redis | None = None,
        leftmost: bool = False,
        is_due: bool = False,
    ) -> None:
        """Put back a message that this worker has, or that a dead one had."""
        tag = tag.decode() if isinstance(tag, bytes) else tag

        def restore(pipe: Any) -> None:
            kept = pipe.hget(self.unacked_key, tag)
            message = None if kept is None else self._read(kept)
            pipe.multi()
            if message is not None and is_due:
                # From then on it waits as if it had been sent at that moment.
                headers = message.frame["headers"]
                headers |= {"eta": None, "sent_at": headers["eta"]}
            if message is not None:
                self._put_back(message, tag, pipe, leftmost=leftmost)
            self._remove_from_indices(tag, pipe)

        with self.channel.conn_or_acquire(client) as connected:
            connected.transaction(restore, self.unacked_key)
        self._slots.pop(tag, None)

    def _read(self, kept: bytes) -> _InHand | None:
        try:
            return _InHand.read(kept)
        except (ValueError, TypeError, RecursionError) as error:
            # Its worker died before it could say so. Kept, it would kill the next ones too.
            self.channel.dead_letters.add(
                kept,
                list_key=self.unacked_key,
                reason="not_json",
                detail=f"found in the hands of a dead worker: {error!r}",
                at=datetime.now(UTC),
            )
            return None

    def _put_back(self, message: _InHand, tag: str, pipe: Any, *, leftmost: bool) -> None:
        channel, frame, queue = self.channel, message.frame, message.queue
        tenant = lane_tenant(frame, queue)
        if tenant is None:
            channel._do_restore_message(frame, message.exchange, queue, pipe, leftmost)
            return
        self._slots.setdefault(tag, tenant)
        list_key = channel.list_key(queue, frame)
        # kombu says leftmost and means the end: messages are taken from the right.
        pipe.eval(
            *enqueuing(json.dumps(frame), list_key=list_key, tenant=tenant, first=not leftmost)
        )
