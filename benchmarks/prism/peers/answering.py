"""What the contenders written in Python share, outside the clock: a loop that answers requests."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.prism.models import CURVE_POINTS, PERCENTS


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What everybody is to deliver."""

    mean: float
    deviation: float
    percentiles: list[float]
    curve: list[dict[str, float]]


def summarise(losses: NDArray[Any]) -> Answer:
    """Give the deliverable for simulated years, as anybody with NumPy would."""
    ordered = np.sort(losses)
    ranks = np.arange(CURVE_POINTS) / CURVE_POINTS
    curve = ordered[(ranks * losses.size).astype(np.int64)]
    return Answer(
        mean=float(losses.mean()),
        deviation=float(losses.std(ddof=1)),
        percentiles=[float(ordered[int(p / 100 * losses.size)]) for p in PERCENTS],
        curve=[
            {"loss": float(loss), "probability": float(1 - rank)}
            for loss, rank in zip(curve, ranks, strict=True)
        ],
    )


def answer(simulate: Mapping[str, Callable[[int, int], Any]]) -> None:
    """Answer one request a line: simulate so many trials with a seed, and say what it took."""
    for line in sys.stdin:
        request = json.loads(line)
        wall, cpu = time.perf_counter(), time.process_time()
        given = simulate[request["work"]](request["trials"], request["seed"])
        cpu_ms = (time.process_time() - cpu) * 1e3
        wall_ms = (time.perf_counter() - wall) * 1e3
        print(json.dumps({"cpu_ms": cpu_ms, "wall_ms": wall_ms} | asdict(given)), flush=True)
