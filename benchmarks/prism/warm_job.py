"""How long B takes as a job: from submitting it to reading its result, on a fleet with nothing else
to do."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.fleet import machine
from benchmarks.fleet.contenders import Fleet
from benchmarks.prism import models
from queues.ledger import migrate
from queues.message import TaskMessage
from queues.names import result_key
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis

_WARM_UP = 10
_PATIENCE_SECONDS = 60


def measure(jobs: int) -> dict[str, list[float]]:
    """Start a fleet, have it do one job after the other, and give what each took."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(EmbeddedRedis(folder / "redis"))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "postgres"))
        migrate.upgrade(postgres.url)
        fleet = _SimulatingFleet(redis.url, postgres.url, folder)
        for worker in fleet.workers.values():
            stack.enter_context(worker)
        fleet.try_once()
        for _ in range(_WARM_UP):
            fleet.call()
        machine.wait_for_quiet()
        return {"wall_ms": [_timed_ms(fleet) for _ in range(jobs)]}


class _SimulatingFleet(Fleet):
    """Is asked for B, with another seed each time."""

    _seeds = count()

    def submit(self, job_id: str) -> None:
        self._registry.submit(
            TaskMessage(
                task="prism.simulate_scenario",
                job_id=job_id,
                queue="cpu",
                request=_request(next(self._seeds)),
            )
        )

    def try_once(self) -> None:
        """Wait for a first job; raises when it fails, which `call` would wait for in vain."""
        job_id = str(uuid4())
        self.submit(job_id)
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            stored = self._redis.get(result_key(job_id))
            if stored is not None and '"FAILURE"' in str(stored):
                raise RuntimeError(f"the first job failed: {stored}")
            if self.ended([result_key(job_id)]) == [True]:
                return
            time.sleep(0.05)
        raise TimeoutError("the first job did not end")


def _timed_ms(fleet: Fleet) -> float:
    began = time.perf_counter()
    fleet.call()
    return (time.perf_counter() - began) * 1e3


def _request(seed: int) -> dict[str, Any]:
    low, mode, high = models.EVENTS_PER_YEAR
    primary_low, primary_high = models.PRIMARY_90
    secondary_low, secondary_high = models.SECONDARY_90
    return {
        "name": "B",
        "currency": "EUR",
        "scenario": {
            "lossEventFrequencyPerYear": {
                "distribution": "pert",
                "low": low,
                "mode": mode,
                "high": high,
            },
            "primaryLoss": {
                "distribution": "lognormal",
                "low": primary_low,
                "high": primary_high,
            },
            "secondaryLoss": {
                "probability": models.SECONDARY_PROBABILITY,
                "loss": {
                    "distribution": "lognormal",
                    "low": secondary_low,
                    "high": secondary_high,
                },
            },
        },
        "engine": "monteCarlo",
        "trials": models.TRIALS,
        "seed": seed,
        "percentiles": list(models.PERCENTS),
        "curvePoints": models.CURVE_POINTS,
        "pictures": [],
    }
