"""Plain NumPy: whole arrays, its fastest bit generator, nothing clever."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.prism.models import CORRELATION, SCENARIOS, for_peers
from benchmarks.prism.peers.answering import Answer, answer, summarise

Floats = NDArray[np.float64]


def product(model: dict[str, Any], trials: int, seed: int) -> Answer:
    """Simulate A."""
    generator = np.random.Generator(np.random.SFC64(seed))
    leaf = {name: _pert(generator, pert, trials) for name, pert in model.items()}
    vulnerability = (leaf["threatCapability"] > leaf["resistanceStrength"]).mean()
    secondary = leaf["secondaryFrequency"] * leaf["secondaryMagnitude"]
    events = leaf["contactFrequency"] * leaf["probabilityOfAction"] * vulnerability
    return summarise(events * (leaf["primaryLoss"] + secondary))


def compound(model: dict[str, Any], trials: int, seed: int) -> Answer:
    """Simulate B."""
    generator = np.random.Generator(np.random.SFC64(seed))
    counts = generator.poisson(_pert(generator, model["eventsPerYear"], trials))
    events = int(counts.sum())
    primary, secondary = model["primaryLoss"], model["secondaryLoss"]
    losses = generator.lognormal(primary["mu"], primary["sigma"], events)
    struck = np.flatnonzero(generator.random(events) < model["secondaryProbability"])
    losses[struck] += generator.lognormal(secondary["mu"], secondary["sigma"], struck.size)
    years = np.repeat(np.arange(trials), counts)
    return summarise(np.bincount(years, weights=losses, minlength=trials))


def correlated(marginals: tuple[Floats, Floats], trials: int, seed: int) -> Answer:
    """Simulate D from the exact annual losses of its scenarios, at evenly spaced normal scores."""
    generator = np.random.Generator(np.random.SFC64(seed))
    matrix = np.full((SCENARIOS, SCENARIOS), CORRELATION)
    np.fill_diagonal(matrix, 1.0)
    scores = np.linalg.cholesky(matrix) @ generator.standard_normal((SCENARIOS, trials))
    total = np.zeros(trials)
    for at, losses, row in zip(*marginals, scores, strict=True):
        total += np.interp(row, at, losses)
    return summarise(total)


def _pert(generator: np.random.Generator, pert: dict[str, float], size: int) -> Floats:
    span = pert["high"] - pert["low"]
    return pert["low"] + span * generator.beta(pert["alpha"], pert["beta"], size)


def _marginals(file: Path) -> tuple[Floats, Floats]:
    tables = np.load(file)
    return tables["scores"], tables["losses"]


if __name__ == "__main__":
    models = for_peers()
    answer(
        {
            "product": partial(product, models["product"]),
            "compound": partial(compound, models["compound"]),
            "correlated": partial(correlated, _marginals(Path(sys.argv[1]))),
        }
    )
