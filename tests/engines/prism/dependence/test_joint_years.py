"""Years of dependent scenarios: marginals kept, limits known, the same bits for any cutting."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engines.errors import InvalidInput, Stopped
from engines.prism.analytic.aggregate_loss import aggregate_loss
from engines.prism.dependence.copulas import (
    ClaytonCopula,
    Copula,
    Correlation,
    CorrelationMeasure,
    Dependence,
    Dependent,
    FrankCopula,
    GaussianCopula,
    GumbelCopula,
    StudentTCopula,
)
from engines.prism.dependence.joint_tables import JointTables, tabulate_jointly
from engines.prism.dependence.joint_years import simulate_jointly
from engines.prism.distributions import Constant, Lognormal, Pert
from engines.prism.event_count import event_count
from engines.prism.insurance import Insurance, Layer
from engines.prism.monte_carlo.contributions import contributions
from engines.prism.monte_carlo.simulated_loss import SimulatedLoss
from engines.prism.monte_carlo.simulation import SimulatedYears, block_count, merge_years
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import (
    AnnualLossModel,
    LossForm,
    NegativeBinomialCount,
    Scenario,
    SecondaryLoss,
)
from engines.progress import unreported

TRIALS = 1 << 18

RANSOMWARE = Scenario(
    frequencies={"lossEventFrequency": Pert(0.5, 2, 6)},
    primary_losses={LossForm.RESPONSE: Lognormal.from_interval(5e4, 1e6)},
    secondary_loss=SecondaryLoss(
        probability=Constant(0.25),
        losses={LossForm.FINES_AND_JUDGEMENTS: Lognormal.from_interval(1e5, 5e6)},
    ),
)
OUTAGE = Scenario(
    frequencies={"lossEventFrequency": Constant(1.5)},
    primary_losses={LossForm.PRODUCTIVITY: Constant(200_000.0)},
)
FRAUD = Scenario(
    frequencies={"lossEventFrequency": Constant(0.1)},
    count=NegativeBinomialCount(0.5),
    primary_losses={LossForm.TOTAL: Pert(1e5, 3e5, 2e6)},
)
THREE = Portfolio(scenarios={"ransomware": RANSOMWARE, "outage": OUTAGE, "fraud": FRAUD})


def gaussian(of: float, size: int = 3) -> Copula:
    """The same correlation between all."""
    rows = np.full((size, size), of) + (1 - of) * np.eye(size)
    matrix = tuple(map(tuple, rows.tolist()))
    return GaussianCopula(Correlation(matrix=matrix, measure=CorrelationMeasure.PEARSON))


def tables(portfolio: Portfolio, copula: Copula, *, of: Dependent, **asked: bool) -> JointTables:
    """Tabulate them, and send them once through their bytes."""
    made = tabulate_jointly(portfolio, Dependence(copula=copula, of=of), amounts=(5e6,), **asked)
    return JointTables.from_bytes(made.to_bytes())


def simulated(made: JointTables, *, trials: int = TRIALS, seed: int = 11) -> SimulatedYears:
    """All years at once."""
    blocks = range(block_count(trials))
    return simulate_jointly(made, seed=seed, trials=trials, blocks=blocks, progress=unreported)


def counter_checks(years: SimulatedYears, exact_probability: float, amount: float) -> None:
    """The share of years above an amount is within five standard errors of the probability."""
    error = math.sqrt(exact_probability * (1 - exact_probability) / years.gross.trials)
    found = SimulatedLoss(years.gross).probability_above(amount).value

    assert found == pytest.approx(exact_probability, abs=5 * error + 1e-9)


COPULAS: list[Copula] = [
    gaussian(0.5),
    StudentTCopula(correlation=gaussian(0.5).correlation, degrees_of_freedom=3),  # type: ignore[union-attr]
    ClaytonCopula(2.0),
    GumbelCopula(2.0),
    FrankCopula(5.0),
]


@pytest.mark.parametrize("copula", COPULAS, ids=lambda copula: type(copula).__name__)
@pytest.mark.parametrize("of", Dependent)
def test_marginals_are_kept(copula: Copula, of: Dependent) -> None:
    """A scenario beside one that never costs anything has the distribution it has alone."""
    never = replace(OUTAGE, primary_losses={LossForm.TOTAL: Constant(0.0)})
    for scenario in (RANSOMWARE, OUTAGE, FRAUD):
        alone = aggregate_loss(Portfolio(scenarios={"alone": scenario})).gross
        beside = Portfolio(scenarios={"never": never, "alone": scenario, "again": never})
        years = simulated(tables(beside, copula, of=of), trials=TRIALS // 4)

        for percent in (5, 50, 90, 99, 99.9):
            amount = alone.percentile(percent).value + 1.0
            counter_checks(years, alone.probability_above(amount).value, amount)
        counter_checks(years, alone.probability_of_loss().value, 0.0)


@pytest.mark.parametrize("of", Dependent)
def test_without_correlation_it_is_the_exact_sum(of: Dependent) -> None:
    """Mean and probabilities of the independent portfolio, by convolution."""
    exact = aggregate_loss(THREE).gross
    years = simulated(tables(THREE, gaussian(0.0), of=of))
    spread = exact.standard_deviation()

    assert spread is not None
    assert years.gross.mean == pytest.approx(exact.mean().value, abs=5 * spread / math.sqrt(TRIALS))
    for percent in (10, 50, 90, 99, 99.9):
        amount = exact.percentile(percent).value + 1.0
        counter_checks(years, exact.probability_above(amount).value, amount)


@pytest.mark.parametrize("copula", [gaussian(1.0), gaussian(1.0, 3)])
def test_values_at_risk_add_up_where_all_move_together(copula: Copula) -> None:
    """Comonotone losses: McNeil, Frey and Embrechts (2015), section 7.2: the quantiles add up."""
    years = SimulatedLoss(simulated(tables(THREE, copula, of=Dependent.ANNUAL_LOSS)).gross)
    exact = [aggregate_loss(Portfolio(scenarios={"x": s})).gross for s in THREE.scenarios.values()]
    for percent in (50, 90, 95, 99):
        total = math.fsum(each.percentile(percent).value for each in exact)
        found = years.percentile(percent)

        assert found.lower is not None
        assert found.upper is not None
        width = found.upper - found.lower
        assert found.lower - width <= total <= found.upper + width


def test_correlated_counts_have_the_moments_of_their_joint_distribution() -> None:
    """Two counts of 0 or 1 by a Gaussian copula: E N1 N2 = P(both scores are above theirs).

    Every event costs 1, so a year costs 2 exactly when both have one. For normals with correlation
    r above 0, that is 1/4 + asin(r) / (2 pi) (Sheppard's formula).
    """
    coin = Scenario(
        frequencies={"lossEventFrequency": Constant(-math.log(0.5))},
        primary_losses={LossForm.TOTAL: Constant(1.0)},
    )
    copula = gaussian(0.6, 2)
    pair = Portfolio(scenarios={"a": coin, "b": coin})
    years = simulated(tables(pair, copula, of=Dependent.FREQUENCY))
    none = 1 - SimulatedLoss(years.gross).probability_of_loss().value
    expected = 0.25 + math.asin(0.6) / (2 * math.pi)

    assert none == pytest.approx(expected, abs=5 * math.sqrt(expected / TRIALS))


def test_counts_that_move_together_have_the_variance_of_their_sum() -> None:
    """Comonotone equal counts N: the variance of two compound sums is 2 N Var X + 4 Var N E X^2."""
    count = event_count(FRAUD)
    loss = FRAUD.primary_losses[LossForm.TOTAL]
    pair = Portfolio(scenarios={"a": FRAUD, "b": FRAUD})
    years = simulated(tables(pair, gaussian(1.0, 2), of=Dependent.FREQUENCY))
    expected = 2 * count.mean * loss.variance + 4 * count.variance * loss.mean**2
    spread = SimulatedLoss(years.gross).standard_deviation()

    assert spread is not None
    # Its kurtosis is near 60: the standard error of the variance is the root of 59 / trials.
    assert spread**2 == pytest.approx(expected, rel=5 * math.sqrt(59 / TRIALS))


@pytest.mark.parametrize("of", Dependent)
def test_contributions_add_up(of: Dependent) -> None:
    """To the mean and to the tail value at risk, and each mean is the scenario's own."""
    years = simulated(tables(THREE, GumbelCopula(2.0), of=of, contributions=True))
    assert years.by_scenario is not None
    parts = contributions(years.by_scenario, years.gross, 99)
    answers = SimulatedLoss(years.gross)

    assert math.fsum(part.mean for part in parts) == pytest.approx(years.gross.mean)
    assert math.fsum(part.tail for part in parts) == pytest.approx(
        answers.tail_value_at_risk(99).value
    )
    for part, scenario in zip(parts, THREE.scenarios.values(), strict=True):
        exact = aggregate_loss(Portfolio(scenarios={"x": scenario})).gross
        error = (exact.standard_deviation() or math.inf) / math.sqrt(TRIALS)
        assert part.mean == pytest.approx(exact.mean().value, abs=5 * error)
    assert (years.by_form is None) == (of is Dependent.ANNUAL_LOSS)


def bits(years: SimulatedYears) -> tuple[object, ...]:
    """All that was counted."""
    tallies = [years.gross, years.ceded, years.net, years.largest_event]
    parts = [years.by_scenario, years.by_form]
    return (
        *(
            (t.cells.tolist(), t.counts.tolist(), t.residuals.tolist(), t.above)
            for t in tallies
            if t
        ),
        *(p.sums.tolist() for p in parts if p),
    )


@pytest.mark.parametrize("of", Dependent)
def test_any_cutting_gives_the_same_bits(of: Dependent) -> None:
    """One run, or three shards in another order; the last block is partly filled."""
    insured = replace(THREE, insurance=Insurance(annual_aggregate=Layer(deductible=1e6, limit=4e6)))
    made = tables(insured, ClaytonCopula(2.0), of=of, contributions=True)
    trials = 100_000
    shards = [
        simulate_jointly(made, seed=3, trials=trials, blocks=blocks, progress=unreported)
        for blocks in (range(7, 13), range(0, 2), range(2, 7))
    ]

    assert bits(merge_years(shards)) == bits(simulated(made, trials=trials, seed=3))


def test_an_aggregate_layer_pays_of_the_total() -> None:
    """Ceded and net add up to gross; without correlation ceded is known exactly."""
    layer = Layer(deductible=1e6, limit=4e6)
    insured = replace(THREE, insurance=Insurance(annual_aggregate=layer))
    years = simulated(tables(insured, gaussian(0.0), of=Dependent.ANNUAL_LOSS))
    exact = aggregate_loss(THREE).gross
    limited = exact.limited_mean(np.array([1e6, 5e6]))

    assert years.ceded is not None
    assert years.net is not None
    assert years.ceded.mean + years.net.mean == pytest.approx(years.gross.mean, rel=1e-9)
    error = 4e6 / 2 / math.sqrt(TRIALS)
    assert years.ceded.mean == pytest.approx(float(limited[1] - limited[0]), abs=5 * error)


def test_layers_per_occurrence_and_largest_events_go_with_counts() -> None:
    """Where counts are joined single events are known."""
    insured = replace(THREE, insurance=Insurance(per_occurrence=Layer(deductible=3e5)))
    made = tables(insured, gaussian(0.5), of=Dependent.FREQUENCY, largest_event=True)
    years = simulated(made, trials=20_000)

    assert years.ceded is not None
    assert years.largest_event is not None
    assert 0 < years.ceded.mean < years.gross.mean
    assert years.largest_event.mean < years.gross.mean


def test_what_annual_losses_do_not_know_is_refused() -> None:
    """Single events, and years that have none."""
    join = Dependence(copula=gaussian(0.5))
    insured = replace(THREE, insurance=Insurance(per_occurrence=Layer(deductible=3e5)))
    product = replace(OUTAGE, annual_loss=AnnualLossModel.PRODUCT)
    portfolio = Portfolio(scenarios={**THREE.scenarios, "outage": product})

    for field, refused in (
        ("insurance.perOccurrence", lambda: tabulate_jointly(insured, join)),
        ("largestEvent", lambda: tabulate_jointly(THREE, join, largest_event=True)),
        ("scenarios.outage.annualLossModel", lambda: tabulate_jointly(portfolio, join)),
    ):
        with pytest.raises(InvalidInput) as refusal:
            refused()
        assert refusal.value.field == field


def test_a_matrix_of_another_size_is_refused() -> None:
    """With both sizes."""
    with pytest.raises(InvalidInput, match="3 scenarios, received 2 rows"):
        tabulate_jointly(THREE, Dependence(copula=gaussian(0.5, 2)))


def test_a_repaired_matrix_says_how_far_it_was_moved() -> None:
    """Higham's example: 0.528 in the Frobenius norm."""
    rows = ((1.0, 1.0, 0.0), (1.0, 1.0, 1.0), (0.0, 1.0, 1.0))
    asked = Correlation(matrix=rows, measure=CorrelationMeasure.PEARSON, repair=True)
    made = tables(THREE, GaussianCopula(asked), of=Dependent.ANNUAL_LOSS)

    assert round(made.scores.repair_distance, 3) == 0.528


def test_tables_come_back_from_their_bytes() -> None:
    """The same bytes and digest; other bytes are refused by name."""
    for of in Dependent:
        made = tabulate_jointly(THREE, Dependence(copula=gaussian(0.5), of=of))
        back = JointTables.from_bytes(made.to_bytes())

        assert back.to_bytes() == made.to_bytes()
        assert back.sha256 == made.sha256


@pytest.mark.parametrize("cut", [0, 10, 1000, -1])
def test_damaged_tables_are_refused(cut: int) -> None:
    """By name, wherever they end; and so are tables of another kind."""
    whole = tabulate_jointly(THREE, Dependence(copula=gaussian(0.5)))

    with pytest.raises(InvalidInput, match="tables"):
        JointTables.from_bytes(whole.to_bytes()[:cut])
    with pytest.raises(InvalidInput, match="tables"):
        JointTables.from_bytes(whole.events.to_bytes())


@pytest.mark.parametrize("of", Dependent)
def test_a_run_ends_when_progress_says_so(of: Dependent) -> None:
    """The callback's exception passes, within the first blocks of a billion years."""

    def stop(fraction: float, message: str = "") -> None:
        if fraction > 0:
            raise Stopped

    made = tables(THREE, gaussian(0.5), of=of)
    trials = 10**9
    with pytest.raises(Stopped):
        simulate_jointly(
            made, seed=1, trials=trials, blocks=range(block_count(trials)), progress=stop
        )


def test_a_year_is_a_trial_too() -> None:
    """One trial, one scenario."""
    alone = Portfolio(scenarios={"outage": OUTAGE})
    years = simulated(tables(alone, gaussian(0.0, 1), of=Dependent.ANNUAL_LOSS), trials=1)

    assert years.gross.trials == 1
