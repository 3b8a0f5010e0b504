"""Send a job once, whoever asks and however often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from redis import Redis

from queues.events import JobEvent, Kind
from queues.message import TaskMessage
from queues.names import SUBMITTED_KEY, events_key, lane_key, ring_key, submission_key
from queues.request_hash import request_hash

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

    def submit(self, message: TaskMessage) -> Submitted:
        """Send `message`, unless a job with its id was sent before or its tenant has too many.

        What counts as waiting are the tenant's messages in all lanes: of jobs, of retries and of
        parts of split jobs, on every queue. Jobs that are to run later do not, until they may.
        """
        accepted = JobEvent.now(Kind.ACCEPTED, message.job_id)
        digest = request_hash(task=message.task, tenant=message.tenant, request=message.request)
        answer = self._submit(
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
        )
        return Submitted(answer)

    def waiting(self, *, sent_before: datetime, limit: int) -> list[tuple[str, str, str]]:
        """Give (job id, list key, message) of jobs sent before a moment, the oldest first.

        A job whose message is gone (its worker has it) is forgotten on the way.
        """
        ids = self._redis.zrange(
            SUBMITTED_KEY,
            "-inf",
            int(sent_before.timestamp() * 1000),
            byscore=True,
            offset=0,
            num=limit,
        )
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hmget(submission_key(job_id), "queue", "message")
            kept = pipe.execute()
        found = zip(ids, kept, strict=True)
        gone = [job_id for job_id, (_, message) in found if message is None]
        self.forget(gone)
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
