"""Celery's Redis transport, with the holes closed that lose jobs or workers.

What is overridden, and why, against kombu 5.7.0 (the version is pinned; tests/faults is rerun
before it moves):

- `_brpop_start`: the order in which the lists of a queue are served (see `queues.names`);
- `_brpop_read`: a ticket is exchanged for the message whose turn it is, and a message passes the
  intake before kombu reads it;
- `_put`: what Celery sends waits for its tenant's turn;
- `_create_client`: one client for all commands, where kombu makes a new one for each;
- `QoS`: see `workers.in_hand`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cached_property
from queue import Empty
from time import monotonic
from typing import Any
from uuid import uuid4

import structlog
from kombu.transport import redis as kombu_redis
from kombu.utils.json import dumps
from redis import Redis
from redis.exceptions import ResponseError

from queues.dead_letters import DeadLetters
from queues.fair_order import TICKET, FairOrder, Hands, enqueuing
from queues.message import UnreadableMessage
from queues.names import PRIORITY_SEPARATOR, SERVING_ORDER
from workers.in_hand import FAIR_QUEUES, FleetQoS, lane_tenant
from workers.intake import Intake

log = structlog.get_logger(__name__)


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
            if raw == TICKET.encode() and queue in FAIR_QUEUES:
                frame = self._picked(key.decode(), queue=queue, step=int(step or 0))
            else:
                frame = self._admitted(raw, queue=queue, step=int(step or 0))
            if frame is None:
                raise Empty
            self.connection._deliver(frame, queue)
            return True
        finally:
            self._in_poll = None
            self._flush_brpop_reauth()

    def _picked(self, list_key: str, *, queue: str, step: int) -> dict[str, Any] | None:
        """Exchange a ticket for the message whose turn it is."""
        tag = str(uuid4())
        try:
            picked = self._fair_order.pick(list_key=list_key, queue=queue, tag=tag)
        except ResponseError as error:
            # What is wrong in Redis would end every worker that comes by. Housekeeping makes the
            # ticket anew.
            log.exception("no_message_for_ticket", queue=queue, error=str(error))
            return None
        if picked is None:
            return None
        self.qos.has_slot(tag, picked.tenant)
        frame = self._admitted(picked.raw, queue=queue, step=step, tag=tag)
        if frame is None:
            self.qos.drop(tag)
        return frame

    def _admitted(
        self, raw: bytes, *, queue: str, step: int, tag: str | None = None
    ) -> dict[str, Any] | None:
        if self.intake is None or queue not in self.intake.queues:
            frame: dict[str, Any] = json.loads(raw)
            return frame
        try:
            return self.intake.admit(raw, queue=queue, step=step, delivery_tag=tag)
        except UnreadableMessage as unreadable:
            key = self._q_for_pri(queue, step)
            log.warning("message_unreadable", queue=queue, reason=unreadable.reason)
            self.dead_letters.add(
                raw,
                list_key=key,
                reason=unreadable.reason,
                detail=unreadable.detail,
                at=datetime.now(UTC),
            )
            return None

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        tenant = lane_tenant(message, queue)
        if tenant is None:
            super()._put(queue, message, **kwargs)
            return
        list_key = self.list_key(queue, message)
        call = enqueuing(dumps(message), list_key=list_key, tenant=tenant)
        batch = kwargs.get("_publish_batch")
        if batch is not None:
            batch.add("eval", *call)
            return
        with self.conn_or_acquire() as client:
            client.eval(*call)

    def list_key(self, queue: str, frame: dict[str, Any]) -> str:
        """Give the list of a message: that of its queue and priority."""
        key: str = self._q_for_pri(queue, self._get_message_priority(frame, reverse=False))
        return key

    # Neither is for the client that waits in BRPOP: its connection must carry nothing else.

    @cached_property
    def dead_letters(self) -> DeadLetters:
        """Where messages are put aside."""
        return DeadLetters(self._create_client())

    @cached_property
    def _fair_order(self) -> FairOrder:
        lapse = timedelta(seconds=self.visibility_timeout)
        hands = Hands(messages_key=self.unacked_key, index_key=self.unacked_index_key, lapse=lapse)
        return FairOrder(self._create_client(), hands)


class FleetTransport(kombu_redis.Transport):
    """The transport of every fleet worker; named in `broker_transport`."""

    Channel = FleetChannel
