"""How often nominal 95% intervals of a simulation cover the truth, over a thousand seeds.

    python -m benchmarks.prism.coverage

writes `coverage.json` beside this file. The years are those of a compound Poisson sum of
exponential losses, whose answers have closed forms: with a rate l and losses of mean 1,

    P(S > x) = sum over n of e^-l l^n / n! * Q(n, x),    E S = l,

Q the regularised upper incomplete gamma function (Klugman, Panjer and Willmot, Loss Models, 4th
ed., section 9.3); percentiles by root finding, the tail's mean by E (S - q)+, with Q(n + 1, q).

An interval covers when the truth lies in it. Of a probability it is Clopper and Pearson's, which
covers at least 95% by construction and more where few years are counted; a row with a rare event
shows it, and is the one that may lie above 97%.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincc, gammaln

from engines.prism.annual_loss_answers import Estimate
from engines.prism.distributions import Constant, Gamma
from engines.prism.monte_carlo.simulated_loss import SimulatedLoss
from engines.prism.monte_carlo.simulation import block_count, simulate
from engines.prism.monte_carlo.tabulation import tabulate
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import LossForm, Scenario
from engines.progress import unreported

RATE, SEEDS, TRIALS = 3.0, 1000, 1 << 16
ABOVE, RARE = 6.0, 28.0
_N = np.arange(1, 200)
_CHANCES = np.exp(_N * math.log(RATE) - RATE - gammaln(_N + 1))


def survival(x: float) -> float:
    """Give P(S > x)."""
    return float(_CHANCES @ gammaincc(_N, x))


def quantile(p: float) -> float:
    """Give the value at risk."""
    return float(brentq(lambda x: survival(x) - (1 - p), 0, 200, xtol=1e-13))


def tail_mean(p: float) -> float:
    """Give the mean beyond the quantile q: q + E (S - q)+ / (1 - p).

    E (X - q)+ of a gamma of shape n is n Q(n + 1, q) - q Q(n, q).
    """
    q = quantile(p)
    excess = _CHANCES @ (_N * gammaincc(_N + 1, q) - q * gammaincc(_N, q))
    return q + float(excess) / (1 - p)


TRUTH = {
    "mean": RATE,
    "percentile 50": quantile(0.50),
    "percentile 95": quantile(0.95),
    "percentile 99": quantile(0.99),
    "tail value at risk 95": tail_mean(0.95),
    f"P(S > {ABOVE:g})": survival(ABOVE),
    f"P(S > {RARE:g})": survival(RARE),
}


def estimates(answers: SimulatedLoss) -> tuple[Estimate, ...]:
    """Give the answers in the order of `TRUTH`."""
    return (
        answers.mean(),
        *(answers.percentile(percent) for percent in (50, 95, 99)),
        answers.tail_value_at_risk(95),
        *(answers.probability_above(amount) for amount in (ABOVE, RARE)),
    )


def main() -> None:
    scenario = Scenario(
        frequencies={"lossEventFrequency": Constant(RATE)},
        primary_losses={LossForm.TOTAL: Gamma(1, 1)},
    )
    tables = tabulate(Portfolio(scenarios={"only": scenario}), amounts=(ABOVE, RARE))
    covered = dict.fromkeys(TRUTH, 0)
    for seed in range(SEEDS):
        years = simulate(
            tables,
            seed=seed,
            trials=TRIALS,
            blocks=range(block_count(TRIALS)),
            progress=unreported,
        )
        for (name, truth), found in zip(
            TRUTH.items(), estimates(SimulatedLoss(years.gross)), strict=True
        ):
            covered[name] += (found.lower or 0.0) <= truth <= (found.upper or math.inf)
    report = {
        "model": f"compound Poisson, rate {RATE:g}, exponential losses of mean 1",
        "seeds": SEEDS,
        "trials": TRIALS,
        "nominal_percent": 95,
        "covered_percent": {name: 100 * hits / SEEDS for name, hits in covered.items()},
        "truth": TRUTH,
        "note": "Clopper-Pearson intervals of rare events cover more than 95% by construction.",
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report["covered_percent"], indent=2))


if __name__ == "__main__":
    main()
