"""A year's number of loss events has the distribution its rate and its model say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engines.errors import InvalidInput
from engines.prism.distributions import Beta, Constant, Distribution, Gamma, Pert
from engines.prism.event_count import MAX_MEAN, EventCount, event_count
from engines.prism.scenario import (
    BernoulliCount,
    Contest,
    CountModel,
    LossForm,
    NegativeBinomialCount,
    PoissonCount,
    Scenario,
    Vulnerability,
    VulnerabilityScope,
)


def count(
    *rates: Distribution,
    model: CountModel | None = None,
    vulnerability: Vulnerability | None = None,
) -> EventCount:
    return event_count(
        Scenario(
            frequencies={f"factor{k}": rate for k, rate in enumerate(rates)},
            vulnerability=vulnerability,
            count=model or PoissonCount(),
            primary_losses={LossForm.TOTAL: Constant(1)},
        )
    )


def probabilities(number: EventCount, upto: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    first, likely = number.probabilities
    return np.concatenate([np.zeros(first), likely, np.zeros(upto)])[:upto]


@pytest.mark.parametrize("rate", [1e-6, 0.3, 4.0, 150.0, 1e4])
def test_a_known_rate_gives_a_poisson_number(rate: float) -> None:
    """e^-rate rate^n / n!."""
    upto = int(rate + 12 * math.sqrt(rate) + 20)

    poisson = stats.poisson.pmf(np.arange(upto), rate)
    assert probabilities(count(Constant(rate)), upto) == pytest.approx(poisson, rel=1e-9, abs=1e-17)


@pytest.mark.parametrize(("rate", "size"), [(0.2, 0.01), (7.0, 2.5), (300.0, 40.0)])
def test_clustered_events_are_negative_binomial(rate: float, size: float) -> None:
    """With size r and success probability r / (r + rate)."""
    expected = stats.nbinom.pmf(np.arange(500), size, size / (size + rate))

    number = count(Constant(rate), model=NegativeBinomialCount(size))

    assert probabilities(number, 500) == pytest.approx(expected, rel=1e-10, abs=1e-17)


def test_a_gamma_rate_makes_a_poisson_number_negative_binomial() -> None:
    """Shape r and scale s give size r and mean r s (Loss Models, 4th ed., section 6.3)."""
    expected = stats.nbinom.pmf(np.arange(120), 2.0, 1 / (1 + 1.5))

    assert probabilities(count(Gamma(2.0, 1.5)), 120) == pytest.approx(expected, abs=1e-9)


def test_a_uniform_rate_mixes_poisson_numbers() -> None:
    """P(N = 0) is the mean of e^-rate: (e^-a - e^-b) / (b - a) for a uniform rate (beta 1, 1)."""
    number = count(Beta(1, 1, 0.5, 3.0))

    none = (math.exp(-0.5) - math.exp(-3.0)) / 2.5
    assert probabilities(number, 1)[0] == pytest.approx(none, rel=1e-13)


@pytest.mark.parametrize("rate", [Pert(0.05, 0.2, 0.8), Pert(2, 5, 30), Pert(5e4, 1e5, 2e5)])
def test_an_estimated_rate_keeps_its_moments(rate: Pert) -> None:
    """E N = E rate, Var N = E rate + Var rate, and both are those of the probabilities."""
    number = count(rate)
    first, likely = number.probabilities
    n = np.arange(first, first + likely.size)

    assert number.mean == pytest.approx(rate.mean, rel=1e-12)
    assert number.variance == pytest.approx(rate.mean + rate.variance, rel=1e-9)
    assert likely @ n == pytest.approx(rate.mean, rel=1e-10)
    assert likely @ (n - rate.mean) ** 2 == pytest.approx(number.variance, rel=1e-8)


def test_factors_multiply() -> None:
    """E N = E c E p for contacts and the probability of action; its variance that of a product."""
    contacts, acts = Pert(2, 10, 40), Pert(0.1, 0.4, 0.8)

    number = count(contacts, acts)

    square = (contacts.variance + contacts.mean**2) * (acts.variance + acts.mean**2)
    mean = contacts.mean * acts.mean
    assert number.mean == pytest.approx(mean, rel=1e-12)
    assert number.variance == pytest.approx(mean + square - mean**2, rel=1e-9)


def test_a_probability_of_an_event_a_year_gives_none_or_one() -> None:
    """A Bernoulli number has P(N = 1) = the mean frequency."""
    number = count(Beta(2, 6), model=BernoulliCount())

    assert number.probabilities[0] == 0
    assert number.probabilities[1] == pytest.approx([0.75, 0.25], rel=1e-12)
    assert number.variance == pytest.approx(0.25 * 0.75, rel=1e-12)


@pytest.mark.parametrize("scope", [VulnerabilityScope.SCALAR, VulnerabilityScope.PER_EVENT])
def test_vulnerability_thins_a_poisson_number(scope: VulnerabilityScope) -> None:
    """Threat events at rate 8, of which three in eight succeed, are loss events at rate 3."""
    vulnerability = Vulnerability(of=Beta(3, 5), scope=scope)

    number = count(Constant(8), vulnerability=vulnerability)

    expected = stats.poisson.pmf(np.arange(40), 3)
    assert probabilities(number, 40) == pytest.approx(expected, rel=1e-10, abs=1e-17)


def test_one_contest_a_year_lets_all_threat_events_succeed_or_none() -> None:
    """With uniform capability and strength it is half a year of each kind."""
    contest = Contest(threat_capability=Beta(1, 1), resistance_strength=Beta(1, 1))
    vulnerability = Vulnerability(of=contest, scope=VulnerabilityScope.PER_YEAR)

    number = count(Constant(4), vulnerability=vulnerability)

    assert probabilities(number, 1)[0] == pytest.approx((1 + math.exp(-4)) / 2, rel=1e-9)
    assert probabilities(number, 5)[4] == pytest.approx(stats.poisson.pmf(4, 4) / 2, rel=1e-9)


@pytest.mark.parametrize("rate", [0.7, 30.0, 5000.0])
def test_the_generating_function_is_the_poissons(rate: float) -> None:
    """E z^N = exp(rate (z - 1)), and its derivative rate times that, all over the unit disc."""
    angles = np.linspace(0, math.pi, 41)
    z = np.concatenate([np.exp(1j * angles), 0.98 * np.exp(1j * angles), [0.0]])

    number = count(Constant(rate))

    expected = np.exp(rate * (z - 1))
    assert np.abs(number.pgf(z) - expected).max() < 1e-11
    assert np.abs(number.pgf_derivative(z) - rate * expected).max() < 1e-11 * rate


def test_the_generating_function_of_many_clustered_events_is_the_negative_binomials() -> None:
    """(1 - (rate / size) (z - 1))^-size, at no event as well as near all."""
    z = np.concatenate([0.999 ** np.arange(0, 20_000, 500), [0.0]]).astype(np.complex128)

    number = count(Constant(1e4), model=NegativeBinomialCount(2.0))

    expected = (1 - 5e3 * (z - 1)) ** -2.0
    assert np.abs(number.pgf(z) / expected - 1).max() < 1e-9


@given(rate=st.floats(1e-6, 500), share=st.floats(0, 1), size=st.none() | st.floats(0.1, 100))
@settings(max_examples=40, deadline=None)
def test_some_event_of_a_kind_comes_with_the_probability_of_the_thinned_number(
    rate: float, share: float, size: float | None
) -> None:
    """1 - exp(-rate share), or 1 - (1 + rate share / size)^-size, also where it is tiny."""
    model = PoissonCount() if size is None else NegativeBinomialCount(size)

    some = count(Constant(rate), model=model).probability_of_some(np.array([share]))

    log_none = -rate * share if size is None else -size * math.log1p(rate * share / size)
    assert some[0] == pytest.approx(-math.expm1(log_none), rel=1e-9, abs=1e-300)


def test_too_many_events_are_refused() -> None:
    """By the name of the frequency, with the limit."""
    with pytest.raises(InvalidInput) as refused:
        count(Constant(MAX_MEAN * 1.01))

    assert refused.value.field == "factor0"
    assert "1e+06" in refused.value.expected
