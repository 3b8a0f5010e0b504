"""The exact annual loss is the one that closed forms, recursion and finer grids give."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, special, stats

from engines.prism.analytic import ExactLoss, aggregate_loss
from engines.prism.distributions import (
    Constant,
    Distribution,
    Empirical,
    Gamma,
    Lognormal,
    Pert,
)
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import (
    BernoulliCount,
    CountModel,
    LossForm,
    NegativeBinomialCount,
    PoissonCount,
    Scenario,
    SecondaryLoss,
)

REFERENCE = Path(__file__).parents[3] / "reference" / "prism" / "aggregate_loss.csv"
U = np.array([0.01, 0.05, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1 - 1e-5, 1 - 1e-7])


def annual_loss(
    frequency: Distribution,
    loss: Distribution,
    *,
    model: CountModel | None = None,
    secondary: SecondaryLoss | None = None,
) -> ExactLoss:
    scenario = Scenario(
        frequencies={"lossEventFrequency": frequency},
        count=model or PoissonCount(),
        primary_losses={LossForm.TOTAL: loss},
        secondary_loss=secondary,
    )
    return aggregate_loss(Portfolio(scenarios={"it": scenario})).gross


def root(cdf: Callable[[float], float], u: float, high: float) -> float:
    """The smallest x with cdf(x) >= u."""
    if cdf(0.0) >= u:
        return 0.0
    return float(optimize.brentq(lambda x: cdf(x) - u, 0.0, high, xtol=1e-13, rtol=1e-14))


@pytest.mark.parametrize("rate", [0.05, 0.8, 5.0, 60.0])
def test_poisson_numbers_of_exponential_losses(rate: float) -> None:
    """A Poisson mixture of Erlang distributions (Loss Models, 4th ed., section 9.4)."""
    n = np.arange(1, int(rate + 15 * math.sqrt(rate) + 40))
    weights = stats.poisson.pmf(n, rate)
    loss = annual_loss(Constant(rate), Gamma(1.0, 1e5))

    def cdf(x: float) -> float:
        return float(math.exp(-rate) + weights @ special.gammainc(n, x / 1e5))

    def tail_mean(q: float, u: float) -> float:
        # E(S; S > q), S given n events being gamma: n theta P(gamma of shape n + 1 > q).
        above = float(weights @ (n * 1e5 * special.gammaincc(n + 1, q / 1e5)))
        return (above + q * (cdf(q) - u)) / (1 - u)

    expected = [root(cdf, u, 1e8) for u in U]
    tails = [tail_mean(q, u) for q, u in zip(expected, U, strict=True)]
    assert loss.quantile(U) == pytest.approx(np.array(expected), rel=1e-6)
    assert loss.tail_mean(U) == pytest.approx(np.array(tails), rel=1e-6)


@pytest.mark.parametrize("rate", [0.2, 3.0, 40.0])
def test_geometric_numbers_of_exponential_losses(rate: float) -> None:
    """P(S > x) = (1 - p) exp(-p x / theta), p = 1 / (1 + rate) (Loss Models, section 9.4)."""
    p = 1 / (1 + rate)
    loss = annual_loss(Constant(rate), Gamma(1.0, 2e4), model=NegativeBinomialCount(1.0))

    expected = np.maximum(2e4 / p * np.log((1 - p) / (1 - U)), 0)
    assert loss.quantile(U) == pytest.approx(expected, rel=1e-6)
    beyond = np.where(expected > 0, 2e4 / p, 2e4 / p * (1 - p) / (1 - U))
    assert loss.tail_mean(U) == pytest.approx(expected + beyond, rel=1e-6)


@pytest.mark.parametrize("probability", [1e-4, 0.3, 1.0])
def test_at_most_one_event(probability: float) -> None:
    """The severity's own quantiles, at 1 - (1 - u) / probability."""
    severity = Lognormal(10, 1.3)
    loss = annual_loss(Constant(probability), severity, model=BernoulliCount())

    some = probability > 1 - U
    expected = np.where(some, severity.upper_quantile(np.minimum((1 - U) / probability, 1)), 0)
    assert loss.quantile(U) == pytest.approx(expected, rel=1e-5)
    assert loss.quantile(U[:9]) == pytest.approx(expected[:9], rel=1e-7)


@pytest.mark.parametrize("rate", [0.5, 12.0])
def test_whole_amounts_follow_panjers_recursion_to_rounding(rate: float) -> None:
    """p_k = (rate / k) sum of j f_j p_(k-j) (Panjer, ASTIN Bulletin 12(1), 1981, pp. 22-26)."""
    values, shares = (1.0, 2.0, 5.0, 40.0), (0.4, 0.3, 0.2, 0.1)
    loss = annual_loss(Constant(rate), Empirical(values, shares))
    p = np.zeros(900)
    p[0] = math.exp(-rate)
    for k in range(1, p.size):
        terms = [j * f * p[k - int(j)] for j, f in zip(values, shares, strict=True) if j <= k]
        p[k] = rate / k * math.fsum(terms)
    cdf = np.cumsum(p)

    x = np.arange(0.0, 300.0)
    assert loss.survival(x) == pytest.approx(1 - cdf[:300], abs=1e-12)
    assert loss.survival(x + 0.5) == pytest.approx(1 - cdf[:300], abs=1e-12)
    assert loss.quantile(U).tolist() == np.searchsorted(cdf, U).tolist()


def test_a_constant_loss_reads_exactly() -> None:
    """Percentiles of a Poisson number of 1,000,000s are its multiples, without limits."""
    loss = annual_loss(Constant(1.5), Constant(1_000_000.0))

    numbers = stats.poisson.ppf(U, 1.5)
    assert loss.quantile(U).tolist() == (1_000_000 * numbers).tolist()
    median = loss.percentile(50)
    assert (median.lower, median.value, median.upper) == (1e6, 1e6, 1e6)


def test_a_constant_with_a_secondary_loss_keeps_its_atoms() -> None:
    """Where most years' losses are multiples of the constant, percentiles are as well."""
    secondary = SecondaryLoss(
        probability=Constant(0.05), losses={LossForm.TOTAL: Lognormal(13.0, 1.0)}
    )
    loss = annual_loss(Constant(0.4), Constant(123_456.0), secondary=secondary)

    atoms = [math.exp(-0.4) * (0.4 * 0.95) ** k / math.factorial(k) for k in range(2)]
    assert loss.quantile(np.array([0.9])).tolist() == [123_456.0]
    assert loss.survival(np.array([123_455.9, 123_456.0])) == pytest.approx(
        np.array([1 - atoms[0], 1 - sum(atoms)]), abs=1e-9
    )


@pytest.mark.parametrize(
    "row", list(csv.DictReader(REFERENCE.open())), ids=lambda r: "-".join(r.values())
)
def test_heavy_tails_agree_with_a_fine_grid(row: dict[str, str]) -> None:
    """Lognormal severities, four million points: to the digits printed in `aggregate_loss.csv`."""
    if row["scenario"] == "ransomware":
        loss = ransomware()
    else:
        loss = annual_loss(Constant(float(row["scenario"].split()[1])), Lognormal(0, 2))

    value = loss.percentile(float(row["percent"])).value

    digits = row["annual_loss"].split("e")[0].replace(".", "").lstrip("0")
    expected = float(row["annual_loss"])
    assert value == pytest.approx(expected, rel=2 * 10.0 ** (1 - max(len(digits), 4)))


def ransomware() -> ExactLoss:
    """The example that the reference was computed for."""
    secondary = Lognormal.from_interval(50_000, 3_000_000)
    return annual_loss(
        Pert(0.05, 0.2, 0.8),
        Lognormal.from_interval(150_000, 4_000_000),
        secondary=SecondaryLoss(probability=Constant(0.3), losses={LossForm.TOTAL: secondary}),
    )


def test_moments_are_those_of_a_compound_sum() -> None:
    """E S = E N E X and Var S = E N Var X + Var N (E X)^2 (Loss Models, section 9.3)."""
    rate, severity = Pert(1, 3, 9), Lognormal(8, 1)
    loss = annual_loss(rate, severity)

    variance = rate.mean * severity.variance + (rate.mean + rate.variance) * severity.mean**2
    assert loss.mean().value == pytest.approx(rate.mean * severity.mean, rel=1e-12)
    assert loss.standard_deviation() == pytest.approx(math.sqrt(variance), rel=1e-9)
    assert loss.limited_mean(np.array([1e12])) == pytest.approx(rate.mean * severity.mean, rel=1e-8)
    square = variance + (rate.mean * severity.mean) ** 2
    assert loss.limited_square(np.array([1e12])) == pytest.approx(square, rel=1e-5)
