"""What a policy pays and leaves is computed exactly, or refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from engines.errors import InvalidInput
from engines.prism.analytic import AggregateLoss, aggregate_loss
from engines.prism.annual_loss_answers import AnnualLossAnswers
from engines.prism.distributions import (
    Constant,
    Distribution,
    Gamma,
    Lognormal,
    Pert,
)
from engines.prism.insurance import Insurance, Layer
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import LossForm, Scenario, SecondaryLoss


def insured(
    rate: float, loss: Distribution, policy: Insurance, *, secondary: Distribution | None = None
) -> AggregateLoss:
    extra = None
    if secondary is not None:
        extra = SecondaryLoss(probability=Constant(0.25), losses={LossForm.TOTAL: secondary})
    it = Scenario(
        frequencies={"lossEventFrequency": Constant(rate)},
        primary_losses={LossForm.TOTAL: loss},
        secondary_loss=extra,
    )
    return aggregate_loss(Portfolio(scenarios={"it": it}, insurance=policy))


def known(answers: AnnualLossAnswers | None) -> AnnualLossAnswers:
    assert answers is not None
    return answers


def test_a_deductible_thins_exponential_losses() -> None:
    """What exceeds it is exponential again, and comes with probability exp(-d / theta)."""
    rate, theta, deductible = 4.0, 1e5, 80_000.0
    policy = Insurance(per_occurrence=Layer(deductible=deductible))
    ceded = known(insured(rate, Gamma(1.0, theta), policy).ceded)
    thinned = rate * math.exp(-deductible / theta)
    n = np.arange(1, 60)
    weights = stats.poisson.pmf(n, thinned)

    assert ceded.mean().value == pytest.approx(thinned * theta, rel=1e-12)
    assert ceded.standard_deviation() == pytest.approx(theta * math.sqrt(2 * thinned), rel=1e-9)
    for percent in (50, 90, 99, 99.9):
        x = ceded.percentile(percent).value
        cdf = math.exp(-thinned) + weights @ special.gammainc(n, x / theta)
        assert cdf == pytest.approx(percent / 100, abs=1e-6 * (1 - percent / 100))


def test_whole_payments_are_poisson() -> None:
    """A layer that every event fills pays its limit each time, and leaves the rest."""
    policy = Insurance(per_occurrence=Layer(deductible=100_000, limit=300_000))
    both = insured(2.0, Constant(1_000_000), policy)

    for percent in (20, 50, 95, 99.9):
        events = stats.poisson.ppf(percent / 100, 2.0)
        assert known(both.ceded).percentile(percent).value == 300_000 * events
        assert known(both.net).percentile(percent).value == 700_000 * events


@given(
    deductible=st.just(0.0) | st.floats(0.01, 2e5),
    limit=st.floats(1e3, 1e6) | st.just(math.inf),
    per_event=st.booleans(),
    with_secondary=st.booleans(),
)
@settings(max_examples=15, deadline=None)
def test_what_is_paid_and_what_is_left_make_the_whole(
    deductible: float, limit: float, *, per_event: bool, with_secondary: bool
) -> None:
    """In the mean; and neither is more than the whole at any percentile."""
    layer = Layer(deductible=deductible, limit=limit)
    if deductible == 0 and math.isinf(limit):
        limit = 1e6
        layer = Layer(deductible=deductible, limit=limit)
    policy = Insurance(per_occurrence=layer) if per_event else Insurance(annual_aggregate=layer)
    secondary = Lognormal(10, 1) if with_secondary else None
    loss = insured(2.0, Lognormal(11, 1), policy, secondary=secondary)
    gross, ceded, net = loss.gross, known(loss.ceded), known(loss.net)

    assert ceded.mean().value + net.mean().value == pytest.approx(gross.mean().value, rel=1e-9)
    assert known_mean(loss) == pytest.approx(net.mean().value, rel=1e-6, abs=1e-3)
    for percent in (30, 60, 95, 99.9):
        whole = gross.percentile(percent).value * (1 + 1e-9)
        assert 0 <= ceded.percentile(percent).value <= whole
        assert 0 <= net.percentile(percent).value <= whole
        tail = ceded.tail_value_at_risk(percent).value + net.tail_value_at_risk(percent).value
        assert tail >= gross.tail_value_at_risk(percent).value * (1 - 1e-6)


def known_mean(loss: AggregateLoss) -> float:
    assert loss.net_mean is not None
    return loss.net_mean.value


def test_a_stop_loss_cuts_the_year() -> None:
    """Percentiles are cut at the retention and at what is beyond the limit; so are means."""
    policy = Insurance(annual_aggregate=Layer(deductible=2e5, limit=3e5))
    loss = insured(2.0, Lognormal(11, 1), policy)
    gross, ceded, net = loss.gross, known(loss.ceded), known(loss.net)
    x = gross.quantile(np.array([0.3, 0.6, 0.8, 0.9, 0.99]))
    paid = np.clip(x - 2e5, 0, 3e5)

    at = [30, 60, 80, 90, 99]
    assert [ceded.percentile(p).value for p in at] == pytest.approx(paid, rel=1e-12)
    assert [net.percentile(p).value for p in at] == pytest.approx(x - paid, rel=1e-12)
    limited = gross.limited_mean(np.array([2e5, 5e5]))
    assert ceded.mean().value == pytest.approx(limited[1] - limited[0], rel=1e-12)
    assert ceded.probability_above(0).value == pytest.approx(gross.probability_above(2e5).value)
    assert ceded.probability_above(3e5).value == 0
    assert net.probability_above(2e5).value == pytest.approx(gross.probability_above(5e5).value)
    assert ceded.tail_value_at_risk(99.9).value == pytest.approx(3e5, rel=1e-9)


def test_the_spread_of_a_share_is_that_of_its_quantiles() -> None:
    """The standard deviation, against the average over a fine set of equally likely years."""
    policy = Insurance(annual_aggregate=Layer(deductible=1e5, limit=4e5))
    loss = insured(2.0, Gamma(2.0, 5e4), policy)
    years = loss.gross.quantile((np.arange(400_000) + 0.5) / 400_000)

    paid = policy.annual_aggregate.pays(years)
    assert known(loss.ceded).standard_deviation() == pytest.approx(paid.std(), rel=1e-5)
    assert known(loss.net).standard_deviation() == pytest.approx((years - paid).std(), rel=1e-4)


def test_a_stop_loss_needs_no_retention() -> None:
    """The default one is the integer 0; the first euro is then paid for."""
    loss = insured(2.0, Gamma(2.0, 5e4), Insurance(annual_aggregate=Layer(deductible=0, limit=4e5)))
    years = loss.gross.quantile((np.arange(400_000) + 0.5) / 400_000)

    paid = np.minimum(years, 4e5)
    assert known(loss.ceded).standard_deviation() == pytest.approx(paid.std(), rel=1e-5)
    assert known(loss.net).standard_deviation() == pytest.approx((years - paid).std(), rel=1e-4)


def test_a_layer_beyond_every_loss_leaves_no_spread() -> None:
    """All is paid, and what rounding leaves of the variance is no error."""
    policy = Insurance(per_occurrence=Layer(limit=1e5))
    loss = insured(5.0, Pert(100.0, 200.0, 900.0), policy)

    spread = loss.gross.standard_deviation()
    assert known(loss.ceded).standard_deviation() == pytest.approx(spread, rel=1e-8)
    assert known(loss.net).standard_deviation() == 0


def test_atoms_that_no_lattice_has_keep_their_probability() -> None:
    """7,603.00 and 842,037.79 more in 25% of events, of which 12,837.05 each is retained: numbers
    of events of either kind are Poisson, so the percentiles can be counted out."""
    policy = Insurance(per_occurrence=Layer(deductible=12_837.05))
    loss = insured(0.3, Constant(7_603.0), policy, secondary=Constant(842_037.79))
    small, large = np.indices((9, 9))
    years = 7_603.0 * small + 12_837.05 * large
    weights = stats.poisson.pmf(small, 0.225) * stats.poisson.pmf(large, 0.075)

    for amount in (5e3, 1e4, 1.4e4, 1.8e4, 2.3e4, 3e4):
        exceeded = float(weights[years > amount].sum())
        assert known(loss.net).probability_above(amount).value == pytest.approx(exceeded, rel=1e-6)
    assert known(loss.net).percentile(99.99).value < 1e5


def test_two_layers_leave_a_net_loss_that_must_be_simulated() -> None:
    """The ceded loss and the mean of the net one are exact even then."""
    policy = Insurance(per_occurrence=Layer(deductible=5e4), annual_aggregate=Layer(limit=3e5))
    loss = insured(2.0, Lognormal(11, 1), policy)

    assert known(loss.ceded).percentile(99.9).value == pytest.approx(3e5, rel=1e-12)
    expected = loss.gross.mean().value - known(loss.ceded).mean().value
    assert known_mean(loss) == pytest.approx(expected, rel=1e-12)
    with pytest.raises(InvalidInput) as refused:
        _ = loss.net
    assert refused.value.field == "insurance"


def test_without_a_policy_nothing_is_ceded() -> None:
    """And nothing is net: there is only the gross loss."""
    it = Scenario(frequencies={"f": Constant(1)}, primary_losses={LossForm.TOTAL: Constant(1)})
    loss = aggregate_loss(Portfolio(scenarios={"it": it}))

    assert (loss.ceded, loss.net, loss.net_mean) == (None, None, None)
