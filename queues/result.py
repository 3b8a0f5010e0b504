"""A job's result in Redis, where and as Celery keeps it. See docs/wire.md, "Read a result"."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

from redis.client import Pipeline

from queues.names import result_key

KEPT = timedelta(days=1)


def add_started(pipe: Pipeline, job_id: str, *, worker: str) -> None:
    """Say that an attempt runs, as part of a pipeline that the caller executes."""
    meta: dict[str, Any] = {
        "status": "STARTED",
        "result": {"pid": os.getpid(), "hostname": worker},
        "traceback": None,
        "children": [],
        "date_done": None,
        "task_id": job_id,
    }
    key, text = result_key(job_id), json.dumps(meta)
    pipe.set(key, text, ex=KEPT)
    pipe.publish(key, text)
