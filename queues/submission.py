"""Send a job once, whoever asks and however often."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from redis import Redis

from queues.events import JobEvent, Kind
from queues.message import TaskMessage
from queues.names import (
    ANY_TENANT,
    MAX_WAITING_KEY,
    SUBMITTED_KEY,
    Queue,
    events_key,
    lane_key,
    queue_keys,
    ring_key,
    submission_key,
)
from queues.request_hash import request_hash

# What lies there and is no job with a message is dropped, here where its bytes are what they are:
# as many as are looked at would hide every job behind them.
_WAITING = """
local before, limit, prefix, most_bytes = unpack(ARGV)
local waiting, bytes = {}, 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', before, 'BYSCORE', 'LIMIT', 0, limit)) do
  local key, size = prefix .. id, 0
  if string.find(id, '^[%x-]+$') and redis.call('TYPE', key).ok == 'hash' then
    size = redis.call('HSTRLEN', key, 'message')
  end
  bytes = bytes + size
  if size == 0 then
    redis.call('ZREM', KEYS[1], id)
  elseif bytes == size or bytes <= tonumber(most_bytes) then
    waiting[#waiting + 1] = id
  else
    break
  end
end
return waiting
"""
_MOST_BYTES_AT_ONCE = 8 << 20

SUBMIT_SCRIPT = Path(__file__).with_name("submit.lua").read_text()


class Submitted(StrEnum):
    """What became of a submission."""

    CREATED = "created"
    KNOWN = "known"
    CONFLICT = "conflict"
    OVER_QUOTA = "quota"


class SubmissionRegistry:
    """The jobs that were sent and are not in the ledger yet."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._submit = redis.register_script(SUBMIT_SCRIPT)
        self._waiting = redis.register_script(_WAITING)

    def submit(self, message: TaskMessage) -> Submitted:
        """Send `message`, unless a job with its id was sent before or its tenant has too many.

        What counts as waiting are the tenant's messages in all lanes: of jobs, of retries and of
        parts of split jobs, on every queue. Jobs that are to run later do not, until they may.
        """
        return Submitted(self._call(message, self._redis))

    def submit_many(self, messages: Sequence[TaskMessage]) -> list[Submitted]:
        """Send messages in their order, in one round trip; give what became of each."""
        with self._redis.pipeline(transaction=False) as pipe:
            for message in messages:
                self._call(message, pipe)
            return [Submitted(answer) for answer in pipe.execute()]

    def _call(self, message: TaskMessage, client: Redis) -> Any:
        accepted = JobEvent.now(Kind.ACCEPTED, message.job_id)
        digest = request_hash(task=message.task, tenant=message.tenant, request=message.request)
        return self._submit(
            keys=[
                submission_key(message.job_id),
                SUBMITTED_KEY,
                message.list_key,
                events_key(message.job_id),
                lane_key(message.list_key, message.tenant),
                ring_key(message.list_key),
            ],
            args=[
                message.job_id,
                digest,
                message.to_wire(),
                accepted.model_dump_json(),
                message.tenant,
                "now" if message.not_before is None else "later",
            ],
            client=client,
        )

    def request_hashes(self, job_ids: Sequence[str]) -> list[str | None]:
        """Give what each of these jobs was asked, as a hash; None for one not sent lately."""
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in job_ids:
                pipe.hget(submission_key(job_id), "request_hash")
            hashes: list[str | None] = pipe.execute()
        return hashes

    def room(self, tenants: Iterable[str]) -> dict[str, int]:
        """Give how many more jobs may wait of those of these tenants who have a limit."""
        named = sorted(set(tenants))
        *limits, for_any = self._redis.hmget(MAX_WAITING_KEY, *named, ANY_TENANT)
        most = {
            tenant: int(limit if limit is not None else for_any or 0)
            for tenant, limit in zip(named, limits, strict=True)
        }
        limited = [tenant for tenant in named if most[tenant] > 0]
        lists = [key for queue in Queue for key in queue_keys(queue)]
        with self._redis.pipeline(transaction=False) as pipe:
            for tenant in limited:
                for key in lists:
                    pipe.llen(lane_key(key, tenant))
            lengths = pipe.execute()
        waiting = {
            tenant: sum(lengths[start : start + len(lists)])
            for tenant, start in zip(limited, range(0, len(lengths), len(lists)), strict=True)
        }
        return {tenant: max(0, most[tenant] - waiting[tenant]) for tenant in limited}

    def waiting(self, *, sent_before: datetime, limit: int) -> list[tuple[str, str, str]]:
        """Give (job id, list key, message) of jobs sent before a moment, the oldest first.

        The moment is by the clock of Redis. Some megabytes are given at once, or one message; a job
        whose message is gone (its worker has it) is forgotten on the way.
        """
        before = int(sent_before.timestamp() * 1000)
        arguments = [before, limit, submission_key(""), _MOST_BYTES_AT_ONCE]
        ids = self._waiting(keys=[SUBMITTED_KEY], args=arguments)
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hmget(submission_key(job_id), "queue", "message")
            kept = pipe.execute()
        return [
            (job_id, queue, message)
            for job_id, (queue, message) in zip(ids, kept, strict=True)
            if message is not None
        ]

    def forget(self, job_ids: Sequence[str]) -> None:
        """Drop the messages of jobs that the ledger has; their hashes stay, against repeats."""
        if not job_ids:
            return
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.zrem(SUBMITTED_KEY, *job_ids)
            for job_id in job_ids:
                pipe.hdel(submission_key(job_id), "message")
            pipe.execute()
