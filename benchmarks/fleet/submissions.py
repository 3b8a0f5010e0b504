"""How many jobs a second clients can submit, with nobody working on them."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from uuid import uuid4

from benchmarks.fleet.contenders import REQUEST
from queues.message import TaskMessage
from queues.redis_connection import connect
from queues.submission import SubmissionRegistry

_ROUNDS = 7
_TYPESCRIPT_JOBS = 5000
_PYTHON_JOBS = 1000

TYPESCRIPT = f"TypeScript, `submitMany` of {_TYPESCRIPT_JOBS}"
PYTHON = "Python, one at a time"


def measure(redis_url: str) -> dict[str, list[float]]:
    """Give each client's rounds in jobs a second; a Redis database is filled, and emptied."""
    redis = connect(redis_url)
    registry = SubmissionRegistry(redis)
    measured = {TYPESCRIPT: _from_typescript(redis_url), PYTHON: []}
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for _ in range(_PYTHON_JOBS):
            registry.submit(
                TaskMessage(task="fleet.echo", job_id=str(uuid4()), queue="cpu", request=REQUEST)
            )
        measured[PYTHON].append(_PYTHON_JOBS / (time.perf_counter() - began))
    redis.flushdb()
    return measured


def _from_typescript(redis_url: str) -> list[float]:
    script = Path(__file__).with_name("submit.mjs")
    done = subprocess.run(
        ["node", script, redis_url, str(_ROUNDS), str(_TYPESCRIPT_JOBS)],
        capture_output=True,
        text=True,
        check=True,
    )
    rates: list[float] = json.loads(done.stdout)
    return rates
