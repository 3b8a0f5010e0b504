"""What must hold of every exact annual loss."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.errors import InvalidInput, Stopped
from engines.prism.analytic import AggregateLoss, ExactLoss, aggregate_loss
from engines.prism.distributions import (
    Beta,
    Constant,
    Distribution,
    Empirical,
    Gamma,
    GeneralisedPareto,
    Lognormal,
    Normal,
    Pert,
    Uniform,
)
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import (
    AnnualLossModel,
    BernoulliCount,
    LossForm,
    NegativeBinomialCount,
    Scenario,
    SecondaryLoss,
)

U = np.array([0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999])
SCALES = st.floats(1, 1e6)


def severities() -> st.SearchStrategy[Distribution]:
    return st.one_of(
        st.builds(Lognormal, st.floats(0, 12), st.floats(0.2, 2.5)),
        st.builds(lambda a, scale: Gamma(a, scale), st.floats(0.2, 20), SCALES),
        st.builds(
            lambda c, scale: Pert(scale, (1 + c) * scale, 9 * scale), st.floats(0, 8), SCALES
        ),
        st.builds(
            lambda shape, scale: GeneralisedPareto(shape, scale), st.floats(-0.5, 0.8), SCALES
        ),
        st.builds(lambda low, scale: Uniform(low * scale, scale), st.floats(0, 0.9), SCALES),
        st.builds(Constant, SCALES),
    )


def scenarios() -> st.SearchStrategy[Scenario]:
    return st.builds(
        scenario,
        st.floats(1e-3, 30).map(Constant) | st.floats(0.1, 9).map(lambda x: Pert(x / 2, x, 3 * x)),
        severities(),
        probability=st.sampled_from([0.0, 0.0, 0.2, 1.0]),
        secondary=severities(),
    )


def scenario(
    frequency: Distribution,
    loss: Distribution,
    *,
    probability: float = 0.0,
    secondary: Distribution | None = None,
) -> Scenario:
    extra = None
    if secondary is not None:
        losses = {LossForm.REPUTATION: secondary}
        extra = SecondaryLoss(probability=Constant(probability), losses=losses)
    return Scenario(
        frequencies={"lossEventFrequency": frequency},
        primary_losses={LossForm.RESPONSE: loss},
        secondary_loss=extra,
    )


def portfolio(*members: Scenario) -> AggregateLoss:
    return aggregate_loss(Portfolio(scenarios={f"s{k}": each for k, each in enumerate(members)}))


def gross(*members: Scenario) -> ExactLoss:
    return portfolio(*members).gross


@given(scenarios())
@settings(max_examples=20, deadline=None)
def test_percentiles_rise_and_lie_within_their_limits(it: Scenario) -> None:
    """And the tail mean lies above its percentile, within limits of its own."""
    loss = gross(it)
    fine = loss.quantile(np.linspace(0, 0.9999, 400))

    assert (np.diff(fine) >= 0).all()
    for percent in (5, 50, 90, 99, 99.9):
        at, tail = loss.percentile(percent), loss.tail_value_at_risk(percent)
        assert at.lower is not None
        assert at.upper is not None
        assert at.lower <= at.value <= at.upper
        assert tail.lower is not None
        assert tail.upper is not None
        assert tail.lower <= tail.value <= tail.upper
        assert tail.value >= at.value
        assert at.upper - at.lower <= 0.05 * at.value


@given(scenarios())
@settings(max_examples=20, deadline=None)
def test_quantile_and_survival_undo_each_other(it: Scenario) -> None:
    """P(S > x) <= 1 - u at the quantile x of u, and more than that just below."""
    loss = gross(it)
    x = loss.quantile(U)
    some = x > 0

    assert (loss.survival(x) <= (1 - U) * (1 + 1e-6) + 1e-9).all()
    below = loss.survival(x[some] * (1 - 1e-4))
    assert (below >= (1 - U[some]) * (1 - 1e-6) - 1e-9).all()


@given(severities(), st.floats(1e-3, 20), st.sampled_from([1e-3, 7.0, 1e4]))
@settings(max_examples=15, deadline=None)
def test_another_currency_gives_the_same_loss(
    severity: Distribution, rate: float, factor: float
) -> None:
    """Amounts times c give percentiles and tail means times c."""
    loss = gross(scenario(Constant(rate), severity))
    other = gross(scenario(Constant(rate), times(severity, factor)))

    assert other.quantile(U) == pytest.approx(factor * loss.quantile(U), rel=1e-6)
    assert other.tail_mean(U) == pytest.approx(factor * loss.tail_mean(U), rel=1e-6)


def times(severity: Distribution, factor: float) -> Distribution:
    match severity:
        case Lognormal():
            return replace(severity, mu=severity.mu + math.log(factor))
        case Gamma() | GeneralisedPareto():
            return replace(severity, scale=severity.scale * factor)
        case Pert():
            low, mode, high = (factor * x for x in (severity.low, severity.mode, severity.high))
            return Pert(low, mode, high)
        case Uniform():
            return Uniform(factor * severity.low, factor * severity.high)
        case Constant():
            return Constant(factor * severity.value)
    raise AssertionError(severity)


@given(scenarios())
@settings(max_examples=10, deadline=None)
def test_what_costs_nothing_changes_nothing(it: Scenario) -> None:
    """A scenario of zero losses, or without events, beside another leaves it as it is."""
    loss = gross(it)
    nothing = scenario(Constant(3), Constant(0))
    never = scenario(Constant(0), Lognormal(9, 1))

    both = gross(it, nothing, never)

    assert both.quantile(U) == pytest.approx(loss.quantile(U), rel=1e-6)
    assert both.mean().value == pytest.approx(loss.mean().value, rel=1e-12)


@given(severities(), st.floats(0.05, 20))
@settings(max_examples=15, deadline=None)
def test_two_halves_of_a_poisson_number_make_the_whole(severity: Distribution, rate: float) -> None:
    """Two independent scenarios at half the rate are one."""
    whole = gross(scenario(Constant(rate), severity))
    half = scenario(Constant(rate / 2), severity)

    both = gross(half, half)

    assert both.quantile(U) == pytest.approx(whole.quantile(U), rel=1e-6)
    assert both.tail_mean(U) == pytest.approx(whole.tail_mean(U), rel=1e-6)


@given(severities(), st.floats(0.05, 20), st.floats(0.05, 0.95))
@settings(max_examples=10, deadline=None)
def test_a_secondary_loss_is_a_second_kind_of_event(
    severity: Distribution, rate: float, share: float
) -> None:
    """Poisson events that sometimes cost Q and else nothing are Poisson events of Q."""
    sometimes = scenario(Constant(rate), Constant(0), probability=share, secondary=severity)
    thinned = scenario(Constant(rate * share), severity)

    assert gross(sometimes).quantile(U) == pytest.approx(gross(thinned).quantile(U), rel=1e-6)


@given(st.lists(scenarios(), min_size=1, max_size=3), st.sampled_from([0.0, 50.0, 90.0, 99.0]))
@settings(max_examples=15, deadline=None)
def test_contributions_add_up_to_the_tail(members: list[Scenario], percent: float) -> None:
    """To the mean, and to the tail mean; none is negative."""
    loss = portfolio(*members)

    parts = loss.contributions(percent)

    assert math.fsum(part.mean for part in parts) == pytest.approx(loss.gross.mean().value)
    tail = loss.gross.tail_value_at_risk(percent).value
    assert math.fsum(part.tail_mean for part in parts) == pytest.approx(tail, rel=1e-9)
    assert min(part.tail_mean for part in parts) >= 0


def test_equal_scenarios_contribute_equally() -> None:
    """And half of a whole is what each of two halves contributes."""
    half = scenario(Constant(1), Lognormal(9, 1.2))

    first, second = portfolio(half, half).contributions(99)

    assert first.tail_mean == pytest.approx(second.tail_mean, rel=1e-9)


@pytest.mark.parametrize("percent", [50, 90, 99])
def test_contributions_of_whole_amounts_are_conditional_means(percent: float) -> None:
    """Of two Poisson numbers, by adding up the probabilities of all pairs."""
    from scipy.stats import poisson

    a, b = np.meshgrid(np.arange(40), np.arange(40), indexing="ij")
    p = poisson.pmf(a, 0.7) * poisson.pmf(b, 1.6)
    total = 500 * a + 200 * b
    u = percent / 100
    loss = portfolio(scenario(Constant(0.7), Constant(500)), scenario(Constant(1.6), Constant(200)))

    first, second = loss.contributions(percent)

    q = loss.gross.percentile(percent).value
    share = (p[total <= q].sum() - u) / p[total == q].sum()
    weight = p * np.where(total > q, 1.0, np.where(total == q, share, 0.0)) / (1 - u)
    assert first.tail_mean == pytest.approx((weight * 500 * a).sum(), rel=1e-8)
    assert second.tail_mean == pytest.approx((weight * 200 * b).sum(), rel=1e-8)


@pytest.mark.parametrize(
    "it",
    [
        scenario(Constant(1e-6), Lognormal(10, 1)),
        scenario(Constant(0), Lognormal(10, 1)),
        scenario(Constant(5), Constant(0)),
        scenario(Constant(2), Lognormal(8, 1), probability=0.0, secondary=Lognormal(9, 1)),
        scenario(Constant(2), Normal(1e6, 1.0)),
        scenario(Constant(3), Beta(0.05, 0.05, 0, 1e6)),
        scenario(Constant(3), Lognormal(1, 6)),
        scenario(Constant(2), Empirical((1.0, 314159.26535898, 1e6))),
        scenario(Constant(1e5), Lognormal(3, 1)),
        scenario(Constant(1e5), Constant(250)),
        replace(scenario(Constant(1e4), Lognormal(3, 1)), count=NegativeBinomialCount(2)),
        replace(scenario(Constant(1), Constant(7e5)), count=BernoulliCount()),
    ],
    ids=lambda it: f"{it.frequencies['lossEventFrequency']} {it.primary_losses[LossForm.RESPONSE]}",
)
def test_edges_are_answered(it: Scenario) -> None:
    """Finite, ordered, and the mean of all years is the mean."""
    loss = gross(it)
    fine = loss.quantile(np.array([0.0, 1e-9, 0.01, 0.5, 0.99, 0.9999, 1 - 1e-9]))

    assert np.isfinite(fine).all()
    assert (np.diff(fine) >= 0).all()
    assert loss.tail_value_at_risk(0).value == pytest.approx(loss.mean().value, rel=1e-12)
    curve = loss.exceedance_curve(25)
    assert [point.loss for point in curve] == sorted({point.loss for point in curve})
    assert all(point.lower <= point.probability <= point.upper for point in curve)


def test_a_narrow_loss_is_where_it_is() -> None:
    """Half of years with 1 or 2 events of 1,000,000 give or take 1."""
    loss = gross(replace(scenario(Constant(1), Normal(1e6, 1.0)), count=BernoulliCount()))

    assert loss.percentile(50).value == pytest.approx(1e6, rel=1e-5)


def test_years_without_events_have_no_loss() -> None:
    """All percentiles up to the probability of no event are 0, and the curve stays below."""
    loss = gross(replace(scenario(Constant(0.1), Lognormal(9, 1)), count=BernoulliCount()))

    assert [loss.percentile(p).value for p in (1, 50, 90)] == [0.0, 0.0, 0.0]
    assert loss.percentile(90.01).value > 0
    assert loss.probability_of_loss().value == pytest.approx(0.1, rel=1e-12)
    assert gross(scenario(Constant(0), Lognormal(9, 1))).exceedance_curve(10) == ()


def test_infinite_variance_is_no_standard_deviation() -> None:
    """And the tail mean is still known, through the mean."""
    loss = gross(scenario(Constant(2), GeneralisedPareto(0.7, 1e4)))

    assert loss.standard_deviation() is None
    assert loss.tail_value_at_risk(99).value > loss.percentile(99).value


def test_the_product_form_is_refused_by_name() -> None:
    """It is no sum over events."""
    product = replace(scenario(Constant(1), Lognormal(1, 1)), annual_loss=AnnualLossModel.PRODUCT)

    with pytest.raises(InvalidInput) as refused:
        gross(product)

    assert refused.value.field == "scenarios.s0.annualLoss"


def test_more_scenarios_than_can_be_multiplied_are_refused() -> None:
    """A thousand and one."""
    one = scenario(Constant(1), Constant(1))

    with pytest.raises(InvalidInput) as refused:
        portfolio(*[one] * 1001)

    assert refused.value.field == "scenarios"


def test_a_sum_too_fine_for_the_largest_lattice_is_refused() -> None:
    """Twenty million small events a year: the spread is a few thousandths of a per cent."""
    busy = scenario(Constant(1e6), Lognormal(0, 0.3))

    with pytest.raises(InvalidInput) as refused:
        _ = portfolio(*[busy] * 20).gross

    assert refused.value.field == "scenarios"
    assert "4,194,304" in refused.value.expected


def test_a_run_can_be_stopped_between_scenarios() -> None:
    """What the callback raises comes through."""

    def stop(fraction: float, message: str = "") -> None:
        if message == "transforming losses" and fraction > 0.4:
            raise Stopped

    members = {f"s{k}": scenario(Constant(1), Lognormal(9, 1)) for k in range(8)}

    with pytest.raises(Stopped):
        aggregate_loss(Portfolio(scenarios=members), progress=stop).gross.quantile(U)
