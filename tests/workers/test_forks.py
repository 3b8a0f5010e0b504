"""What a prefork worker loads before it forks must survive the fork."""

from __future__ import annotations

import json
import os
import subprocess
import sys

_LOAD = """
import json, sys, threading
from workers.app import fleet_app
fleet_app()
print(json.dumps({"threads": threading.active_count(), "modules": sorted(sys.modules)}))
"""
_UNSAFE = {"polars", "confluent_kafka", "torch", "vllm", "pyarrow.dataset"}
"""Used before a fork they hang or fail in the child: started threads, queues, a device."""


def test_nothing_unsafe_is_loaded_before_the_fork() -> None:
    """Building the app starts no thread and loads no library that a fork would break."""
    environment = os.environ | {
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": "postgresql://127.0.0.1:1/none",
    }

    loaded = subprocess.run(
        [sys.executable, "-c", _LOAD], env=environment, capture_output=True, text=True, check=True
    )

    state = json.loads(loaded.stdout)
    assert state["threads"] == 1
    assert _UNSAFE.isdisjoint(state["modules"])
