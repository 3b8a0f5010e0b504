"""Celery's Redis transport, with the holes closed that lose jobs or workers.

What is overridden, and why, against kombu 5.7.0 (the version is pinned; tests/faults is rerun
before it moves):

- `_brpop_start`: the order in which the lists of a queue are served (see `queues.names`);
- `_brpop_read`: a message passes the intake before kombu reads it;
- `_create_client`: one client for all commands, where kombu makes a new one for each;
- `QoS`: acknowledging works after the connection was lost, and losing the connection does not
  send running jobs out a second time. Their leases see to it that they are not lost either.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cached_property
from queue import Empty
from time import monotonic
from typing import Any

import structlog
from celery.worker import state
from kombu.transport import redis as kombu_redis
from redis import Redis
from redis.exceptions import RedisError

from queues.dead_letters import DeadLetters
from queues.message import UnreadableMessage
from queues.names import PRIORITY_SEPARATOR, SERVING_ORDER
from workers.intake import Intake

log = structlog.get_logger(__name__)


class FleetQoS(kombu_redis.QoS):
    """Keeps account of messages that were taken and are not finished."""

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

    def restore_unacked(self, client: Redis | None = None) -> None:
        """Put back what this worker took and does not run.

        At shutdown that is everything; after a lost connection the running jobs go on.
        """
        stopping = state.should_stop is not None or state.should_terminate is not None
        running = {str(request.message.delivery_tag) for request in state.active_requests}
        for tag in list(self._delivered):
            if stopping or tag not in running:
                self.restore_by_tag(tag, client=client)
        self._delivered.clear()


class FleetChannel(kombu_redis.Channel):
    """Reads the queues of one worker."""

    QoS = FleetQoS

    from_transport_options = (*kombu_redis.Channel.from_transport_options, "intake")
    intake: Intake | None = None
    """Judges what comes from the fleet's queues; replies to control commands pass unjudged."""
    _shared_client: Redis | None = None

    def _create_client(self, asynchronous: bool = False) -> Redis:
        if asynchronous:
            return super()._create_client(asynchronous=True)
        if self._shared_client is None or self._shared_client.connection_pool is not self.pool:
            self._shared_client = super()._create_client()
        return self._shared_client

    def _brpop_start(self, timeout: float | None = None) -> None:
        queues = self._queue_cycle.consume(len(self.active_queues))
        if not queues:
            return
        keys = [self._q_for_pri(queue, step) for step in SERVING_ORDER for queue in queues]
        self._in_poll = self.client.connection
        self._brpop_sent_at = monotonic()
        self.client.connection.send_command("BRPOP", *keys, timeout or self.brpop_timeout or 0)

    def _brpop_read(self, **options: Any) -> bool:
        try:
            try:
                popped = self.client.parse_response(self.client.connection, "BRPOP", **options)
            except self.connection_errors:
                self.client.connection.disconnect()
                raise
            if not popped:
                raise Empty
            key, raw = popped
            queue, _, step = key.decode().partition(PRIORITY_SEPARATOR)
            self._queue_cycle.rotate(queue)
            frame = self._admitted(raw, queue=queue, step=int(step or 0))
            if frame is None:
                raise Empty
            self.connection._deliver(frame, queue)
            return True
        finally:
            self._in_poll = None
            self._flush_brpop_reauth()

    def _admitted(self, raw: bytes, *, queue: str, step: int) -> dict[str, Any] | None:
        if self.intake is None or queue not in self.intake.queues:
            frame: dict[str, Any] = json.loads(raw)
            return frame
        try:
            return self.intake.admit(raw, queue=queue, step=step)
        except UnreadableMessage as unreadable:
            key = self._q_for_pri(queue, step)
            log.warning("message_unreadable", queue=queue, reason=unreadable.reason)
            self._dead_letters.add(
                raw,
                list_key=key,
                reason=unreadable.reason,
                detail=unreadable.detail,
                at=datetime.now(UTC),
            )
            return None

    @cached_property
    def _dead_letters(self) -> DeadLetters:
        # Not the client that waits in BRPOP: its connection must carry nothing else.
        return DeadLetters(self._create_client())


class FleetTransport(kombu_redis.Transport):
    """The transport of every fleet worker; named in `broker_transport`."""

    Channel = FleetChannel
