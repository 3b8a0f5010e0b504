"""Our engines as two contenders: one simulates, tables included; `exactly` does without trials."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict, TypeVar

import numpy as np

from benchmarks.prism import exact, models
from benchmarks.prism.models import CURVE_POINTS, PERCENTS
from benchmarks.prism.peers.answering import Answer, answer
from engines.prism.analytic import aggregate_loss
from engines.prism.dependence.joint_tables import tabulate_jointly
from engines.prism.dependence.joint_years import simulate_jointly
from engines.prism.monte_carlo.simulated_loss import SimulatedLoss
from engines.prism.monte_carlo.simulation import SimulatedYears, block_count, simulate
from engines.prism.monte_carlo.tabulation import tabulate
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import Scenario
from engines.progress import Progress, unreported

Tables = TypeVar("Tables")


class _Run(TypedDict):
    seed: int
    trials: int
    blocks: range
    progress: Progress


@dataclass(frozen=True, kw_only=True)
class OurAnswer(Answer):
    """The deliverable, and what its parts took."""

    pieces_ms: dict[str, float]
    """CPU time, in the order of the work."""


@dataclass(frozen=True, kw_only=True)
class Exact:
    """What is asked of C, in the order of `exact.PERCENTS`."""

    value_at_risk: list[float]
    tail_value_at_risk: list[float]


def product(trials: int, seed: int) -> OurAnswer:
    """Simulate A."""
    return _simulated(models.product(), trials, seed)


def compound(trials: int, seed: int) -> OurAnswer:
    """Simulate B."""
    return _simulated(models.compound(), trials, seed)


def compound_exactly(_trials: int, _seed: int) -> Answer:
    """Compute B's deliverable without trials; without limits too, as the peers give none."""
    year = aggregate_loss(Portfolio(scenarios={"B": models.compound()})).gross
    deviation = year.standard_deviation()
    assert deviation is not None
    ranks = np.arange(CURVE_POINTS) / CURVE_POINTS
    losses = year.quantile(np.concatenate([np.array(PERCENTS) / 100, ranks])).tolist()
    return Answer(
        mean=year.mean().value,
        deviation=deviation,
        percentiles=losses[: len(PERCENTS)],
        curve=[
            {"loss": loss, "probability": 1 - rank}
            for loss, rank in zip(losses[len(PERCENTS) :], ranks.tolist(), strict=True)
        ],
    )


def exactly(_trials: int, _seed: int) -> Exact:
    """Compute C."""
    year = aggregate_loss(Portfolio(scenarios={"C": models.compound()})).gross
    levels = np.array(exact.PERCENTS) / 100
    return Exact(
        value_at_risk=year.quantile(levels).tolist(),
        tail_value_at_risk=year.tail_mean(levels).tolist(),
    )


def correlated(trials: int, seed: int) -> OurAnswer:
    """Compute the annual loss of each scenario of D, and simulate them together."""
    return _computed(
        lambda: tabulate_jointly(models.portfolio(), models.dependence()),
        lambda tables: simulate_jointly(tables, **_all(trials, seed)),
    )


def _simulated(scenario: Scenario, trials: int, seed: int) -> OurAnswer:
    return _computed(
        lambda: tabulate(Portfolio(scenarios={"alone": scenario})),
        lambda tables: simulate(tables, **_all(trials, seed)),
    )


def _all(trials: int, seed: int) -> _Run:
    blocks = range(block_count(trials))
    return {"seed": seed, "trials": trials, "blocks": blocks, "progress": unreported}


def _computed(
    tabulated: Callable[[], Tables], simulated: Callable[[Tables], SimulatedYears]
) -> OurAnswer:
    began = time.process_time()
    tables = tabulated()
    tables_at = time.process_time()
    years = simulated(tables)
    years_at = time.process_time()
    answers = _read(SimulatedLoss(years.gross))
    pieces = {
        "tables": tables_at - began,
        "years": years_at - tables_at,
        "answers": time.process_time() - years_at,
    }
    return OurAnswer(
        **vars(answers), pieces_ms={name: seconds * 1e3 for name, seconds in pieces.items()}
    )


def _read(loss: SimulatedLoss) -> Answer:
    deviation = loss.standard_deviation()
    assert deviation is not None
    return Answer(
        mean=loss.mean().value,
        deviation=deviation,
        percentiles=[loss.percentile(percent).value for percent in PERCENTS],
        curve=[
            {"loss": point.loss, "probability": point.probability}
            for point in loss.exceedance_curve(CURVE_POINTS)
        ],
    )


if __name__ == "__main__":
    answer(
        {"compound": compound_exactly, "exact": exactly}
        if sys.argv[1:] == ["exactly"]
        else {"product": product, "compound": compound, "correlated": correlated}
    )
