"""What a hundred million trials take, and what memory they leave and pass through."""

from __future__ import annotations

from benchmarks.prism.contender import Contender, ours
from benchmarks.prism.models import LARGE_TRIALS, TRIALS


def measure(work: str, *, rounds: int) -> dict[str, list[float]]:
    """Simulate in a fresh process each round, after a warm-up of the default size."""
    measured: dict[str, list[float]] = {"cpu_s": [], "growth_mib": [], "peak_growth_mib": []}
    for number in range(rounds):
        with ours() as contender:
            contender.ask(work, trials=TRIALS, seed=number)
            for name, value in _once(contender, work, seed=number).items():
                measured[name].append(value)
    return measured


def _once(contender: Contender, work: str, *, seed: int) -> dict[str, float]:
    contender.forget_peak()
    before = contender.resident_bytes()
    run = contender.ask(work, trials=LARGE_TRIALS, seed=seed)
    return {
        "cpu_s": run.cpu_ms / 1e3,
        "growth_mib": (contender.resident_bytes() - before) / 2**20,
        "peak_growth_mib": (contender.peak_resident_bytes() - before) / 2**20,
    }
