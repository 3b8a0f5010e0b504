"""Simulated years follow closed forms, the reference table and the laws of sums."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from engines.errors import InvalidInput, Stopped
from engines.prism.distributions import (
    Constant,
    Distribution,
    Empirical,
    Gamma,
    Lognormal,
    Pert,
    Uniform,
)
from engines.prism.insurance import Insurance, Layer
from engines.prism.monte_carlo.contributions import contributions
from engines.prism.monte_carlo.simulated_loss import SimulatedLoss
from engines.prism.monte_carlo.simulation import (
    SimulatedYears,
    block_count,
    check_size,
    simulate,
)
from engines.prism.monte_carlo.tables import Tables
from engines.prism.monte_carlo.tabulation import tabulate
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import (
    AnnualLossModel,
    BernoulliCount,
    Contest,
    CountModel,
    LossForm,
    NegativeBinomialCount,
    PoissonCount,
    Scenario,
    SecondaryLoss,
    Vulnerability,
    VulnerabilityScope,
)
from engines.progress import unreported

REFERENCE = Path(__file__).parents[3] / "reference" / "prism" / "aggregate_loss.csv"
MILLION = 1 << 20
ERRORS = 4.5


def scenario_of(
    rate: Distribution | float,
    loss: Distribution,
    secondary: SecondaryLoss | None = None,
    *,
    count: CountModel | None = None,
) -> Scenario:
    return Scenario(
        frequencies={
            "lossEventFrequency": Constant(rate) if isinstance(rate, int | float) else rate
        },
        primary_losses={LossForm.TOTAL: loss},
        secondary_loss=secondary,
        count=count or PoissonCount(),
    )


def secondary_of(probability: float, loss: Distribution) -> SecondaryLoss:
    return SecondaryLoss(probability=Constant(probability), losses={LossForm.TOTAL: loss})


def tables_of(*scenarios: Scenario, insurance: Insurance | None = None, **asked: object) -> Tables:
    named: Mapping[str, Scenario] = {f"s{i}": each for i, each in enumerate(scenarios)}
    return tabulate(Portfolio(scenarios=named, insurance=insurance), **asked)  # type: ignore[arg-type]


def run(tables: Tables, trials: int = MILLION, *, seed: int = 1) -> SimulatedYears:
    blocks = range(block_count(trials))
    return simulate(tables, seed=seed, trials=trials, blocks=blocks, progress=unreported)


def check_share(years: SimulatedYears, places: Mapping[float, float]) -> None:
    """Assert that as many years as should be are above each amount."""
    tally = years.gross
    for amount, above in zip(tally.thresholds, tally.above, strict=True):
        share = places[amount]
        margin = ERRORS * math.sqrt(tally.trials * share * (1 - share)) + 1
        assert abs(above - tally.trials * share) < margin


def reference() -> Iterator[tuple[str, float, float]]:
    with REFERENCE.open() as rows:
        for row in csv.DictReader(rows):
            if float(row["annual_loss"]) > 0:
                yield row["scenario"], float(row["percent"]), float(row["annual_loss"])


@pytest.mark.parametrize(
    ("rate", "by_event"), [(1, False), (1, True), (10, False), (100, False), (100, True)]
)
def test_the_tail_is_that_of_the_reference_table(rate: int, *, by_event: bool) -> None:
    """The share of years beyond each percentile (4.5 standard errors, one unit printed)."""
    rows = {loss: p for name, p, loss in reference() if name == f"poisson {rate}"}
    units = {loss: 10.0 ** (math.floor(math.log10(loss)) - 3) for loss in rows}
    amounts = [loss + sign * units[loss] for loss in rows for sign in (-1, 1)]
    tables = tables_of(scenario_of(rate, Lognormal(0, 2)), amounts=amounts, largest_event=by_event)
    tally = run(tables, MILLION if rate <= 10 else 1 << 18).gross

    assert rows
    for percent, below, above in zip(
        rows.values(), tally.above[::2], tally.above[1::2], strict=True
    ):
        expected = tally.trials * (1 - percent / 100)
        margin = ERRORS * math.sqrt(expected * percent / 100)
        assert above - margin < expected < below + margin


@pytest.mark.parametrize("by_event", [False, True])
@pytest.mark.parametrize("count", [PoissonCount(), NegativeBinomialCount(0.7), BernoulliCount()])
def test_mean_and_variance_of_a_compound_sum(count: CountModel, *, by_event: bool) -> None:
    """E S = E N E X and Var S = E N Var X + Var N (E X)^2 (Klugman, Panjer and Willmot, Loss
    Models, section 9.3), with secondary losses and an uncertain rate."""
    rate = Pert(0.1, 0.5, 0.9) if isinstance(count, BernoulliCount) else Pert(0, 2, 7)
    scenario = scenario_of(rate, Pert(1, 2, 6), secondary_of(0.3, Uniform(0, 12)), count=count)
    extra = {
        PoissonCount: rate.mean,
        NegativeBinomialCount: rate.mean + (rate.variance + rate.mean**2) / 0.7,
        BernoulliCount: rate.mean - rate.variance - rate.mean**2,
    }[type(count)]
    loss = scenario.mean_loss_per_event
    mean = rate.mean * loss
    variance = rate.mean * scenario.variance_of_loss_per_event + (rate.variance + extra) * loss**2
    answers = SimulatedLoss(run(tables_of(scenario, largest_event=by_event), 1 << 18).gross)
    spread = answers.standard_deviation()

    assert spread is not None
    assert abs(answers.mean().value - mean) < ERRORS * math.sqrt(variance / (1 << 18))
    assert spread**2 == pytest.approx(variance, rel=0.05)


@pytest.mark.parametrize("seed", range(20))
def test_a_poisson_sum_of_exponentials(seed: int) -> None:
    """P(S > x) has a closed form in the Poisson and gamma distributions; twenty seeds."""
    rate, places = 3.0, (1.0, 2.5, 5.0, 8.0)
    n = np.arange(1, 60)
    chances = np.exp(n * np.log(rate) - rate - special.gammaln(n + 1))
    exact = {x: float(chances @ special.gammaincc(n, x)) for x in places}

    check_share(run(tables_of(scenario_of(rate, Gamma(1, 1)), amounts=places), seed=seed), exact)


@pytest.mark.parametrize("by_event", [False, True])
def test_a_geometric_sum_of_exponentials(*, by_event: bool) -> None:
    """P(S > x) = q exp(-(1 - q) x): a geometric count is negative binomial of size 1."""
    rate, places = 2.0, (0.0, 1.0, 5.0, 12.0)
    q = rate / (1 + rate)
    tables = tables_of(
        scenario_of(rate, Gamma(1, 1), count=NegativeBinomialCount(1)),
        amounts=places,
        largest_event=by_event,
    )

    check_share(run(tables), {x: q * math.exp(-(1 - q) * x) for x in places})


@pytest.mark.parametrize("rate", [0.01, 0.7, 25.0, 80.0])
def test_event_counts_are_poisson(rate: float) -> None:
    """With a loss of 1 an event, a year's loss is its count."""
    some = range(int(rate + 4 * math.sqrt(rate)) + 2)
    exact = {float(k): float(special.gammainc(k + 1, rate)) for k in some}

    check_share(
        run(tables_of(scenario_of(rate, Constant(1)), amounts=tuple(exact)), 1 << 18), exact
    )


def test_the_largest_event_of_a_poisson_year() -> None:
    """P(largest > x) = 1 - exp(-rate P(X > x))."""
    rate, places = 4.0, (0.5, 2.0, 6.0)
    largest = run(
        tables_of(scenario_of(rate, Gamma(1, 1)), amounts=places, largest_event=True)
    ).largest_event

    assert largest is not None
    for place, above in zip(places, largest.above, strict=True):
        share = -math.expm1(-rate * math.exp(-place))
        margin = ERRORS * math.sqrt(MILLION * share * (1 - share))
        assert abs(above - MILLION * share) < margin


def test_scenarios_are_independent() -> None:
    """The variance of a portfolio is the sum of the variances, and so is its mean."""
    single = scenario_of(Pert(0, 1, 5), Pert(1, 2, 6), secondary_of(0.5, Constant(4)))
    alone = SimulatedLoss(run(tables_of(single), 1 << 18).gross)
    together = SimulatedLoss(run(tables_of(*[single] * 5), 1 << 18).gross)
    one, five = alone.standard_deviation(), together.standard_deviation()

    assert one is not None
    assert five is not None
    assert five**2 == pytest.approx(5 * one**2, rel=0.03)
    assert together.mean().value == pytest.approx(5 * alone.mean().value, rel=0.01)


@pytest.mark.parametrize("by_event", [False, True])
def test_parts_add_up(*, by_event: bool) -> None:
    """Contributions of scenarios, and of forms, are the mean and the tail value at risk."""
    heavy = Scenario(
        frequencies={"lossEventFrequency": Constant(0.5)},
        primary_losses={LossForm.RESPONSE: Pert(1, 2, 6), LossForm.REPUTATION: Lognormal(1, 1)},
        secondary_loss=secondary_of(0.5, Pert(0, 5, 10)),
    )
    light = scenario_of(3, Constant(1))
    years = run(tables_of(heavy, light, contributions=True, largest_event=by_event), 1 << 18)
    answers = SimulatedLoss(years.gross)

    assert years.by_scenario is not None
    assert years.by_form is not None
    for parts in (years.by_scenario, years.by_form):
        found = contributions(parts, years.gross, 95)
        assert sum(each.mean for each in found) == pytest.approx(answers.mean().value, rel=1e-6)
        tail = answers.tail_value_at_risk(95).value
        assert sum(each.tail for each in found) == pytest.approx(tail, rel=1e-6)
    of = {each.name: each for each in contributions(years.by_scenario, years.gross, 95)}
    assert of["s1"].mean == pytest.approx(3, rel=0.02)
    assert of["s0"].tail > 3 * of["s0"].mean
    of = {each.name: each for each in contributions(years.by_form, years.gross, 95)}
    assert of["primary.response"].mean == pytest.approx(0.5 * Pert(1, 2, 6).mean, rel=0.02)
    assert of["secondary.unspecified"].mean == pytest.approx(0.25 * 5, rel=0.03)


def test_wanting_contributions_changes_no_year() -> None:
    """But for the last digits of sums."""
    scenarios = [scenario_of(2, Lognormal(0, 1), secondary_of(0.3, Pert(1, 2, 3)))] * 3
    plain, split = (run(tables_of(*scenarios, contributions=each), 9000) for each in (False, True))

    assert split.gross.mean == pytest.approx(plain.gross.mean, rel=1e-9)
    assert split.gross.largest == pytest.approx(plain.gross.largest, rel=1e-12)


def test_gross_is_ceded_and_net() -> None:
    """In the mean; and with a layer of each event, what it pays has a closed form:
    E min(max(X - d, 0), l) = exp(-d) - exp(-d - l) for exponential losses."""
    insurance = Insurance(per_occurrence=Layer(deductible=0.5, limit=2))
    years = run(tables_of(scenario_of(3, Gamma(1, 1)), insurance=insurance))

    assert years.ceded is not None
    assert years.net is not None
    assert years.gross.mean == pytest.approx(years.ceded.mean + years.net.mean, rel=1e-9)
    expected = 3 * (math.exp(-0.5) - math.exp(-2.5))
    error = SimulatedLoss(years.ceded).standard_deviation()
    assert error is not None
    assert abs(years.ceded.mean - expected) < ERRORS * error / math.sqrt(MILLION)


@pytest.mark.parametrize("rate", [2, 200])
def test_a_years_layer_caps_what_is_ceded(rate: int) -> None:
    """Stop-loss: min(max(S - d, 0), l), and the rest is kept."""
    limit = int(math.sqrt(rate))
    insurance = Insurance(annual_aggregate=Layer(deductible=rate, limit=limit))
    years = run(tables_of(scenario_of(rate, Constant(1)), insurance=insurance), 1 << 16)

    assert years.ceded is not None
    assert years.net is not None
    assert years.ceded.largest == limit
    assert years.net.largest == years.gross.largest - limit
    above = (years.gross.cells > 0) & (years.gross.means > rate)
    assert years.ceded.trials - years.ceded.counts[0] == years.gross.counts[above].sum()


def test_the_product_form_multiplies_means() -> None:
    """All factors are independent, so the mean of the product is that of the means."""
    contest = Contest(threat_capability=Uniform(0, 1), resistance_strength=Uniform(0, 1))
    for scope in VulnerabilityScope:
        scenario = Scenario(
            frequencies={
                "contactFrequency": Pert(2, 10, 40), "probabilityOfAction": Pert(0.1, 0.4, 0.8)
            },
            vulnerability=Vulnerability(of=contest, scope=scope),
            primary_losses={LossForm.RESPONSE: Pert(1, 2, 6), LossForm.REPUTATION: Constant(3)},
            secondary_loss=SecondaryLoss(
                probability=Pert(0, 0.2, 1), losses={LossForm.TOTAL: Empirical((1.0, 9.0))}
            ),
            annual_loss=AnnualLossModel.PRODUCT,
        )  # fmt: skip
        frequency = Pert(2, 10, 40).mean * Pert(0.1, 0.4, 0.8).mean * 0.5
        mean = frequency * (Pert(1, 2, 6).mean + 3 + Pert(0, 0.2, 1).mean * 5)
        years = run(tables_of(scenario, contributions=True), 1 << 18)
        spread = SimulatedLoss(years.gross).standard_deviation()

        assert spread is not None
        assert abs(years.gross.mean - mean) < ERRORS * spread / 512
        assert years.by_form is not None
        parts = {each.name: each.mean for each in contributions(years.by_form, years.gross, 90)}
        assert parts["primary.reputation"] == pytest.approx(3 * frequency, rel=0.02)


def test_a_product_has_no_single_events() -> None:
    """A layer per occurrence, or the largest event, cannot be asked of it."""
    scenario = Scenario(
        frequencies={"lossEventFrequency": Constant(1)},
        primary_losses={LossForm.TOTAL: Constant(1)},
        annual_loss=AnnualLossModel.PRODUCT,
    )
    with pytest.raises(InvalidInput) as refusal:
        tables_of(scenario, largest_event=True)

    assert refusal.value.field == "scenarios.s0.annualLossModel"


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_a_secondary_loss_never_and_always(probability: float) -> None:
    """Probability 0 is no secondary loss, probability 1 one for each event."""
    for by_event in (False, True):
        tables = tables_of(
            scenario_of(Pert(0, 2, 9), Constant(1), secondary_of(probability, Constant(3))),
            largest_event=by_event,
        )
        tally = run(tables, 20_000).gross

        assert set(tally.means.tolist()) == {
            (1 + 3 * probability) * n for n in range(tally.cells.size)
        }


@pytest.mark.parametrize("octaves", [-20, 7])
def test_money_scales(octaves: int) -> None:
    """Every loss in another currency of 2^n to one is every year's loss times 2^n, to the bit."""
    scale = 2.0**octaves
    one, other = (
        run(tables_of(scenario_of(2, Pert(2 * by, 3 * by, 9 * by))), 9000).gross
        for by in (1.0, scale)
    )

    assert (one.smallest * scale, one.largest * scale) == (other.smallest, other.largest)
    assert one.counts.tolist() == other.counts.tolist()
    assert one.residuals.tolist() == other.residuals.tolist()


@pytest.mark.parametrize(("rate", "loss"), [(0, 5), (5, 0)])
def test_nothing_happens_or_nothing_is_lost(rate: int, loss: int) -> None:
    """Every year is a zero."""
    tally = run(tables_of(scenario_of(rate, Constant(loss))), 1).gross

    assert (tally.cells.tolist(), tally.counts.tolist(), tally.mean, tally.largest) == (
        [0], [1], 0.0, 0.0,
    )  # fmt: skip


def test_a_million_events_a_year_are_interrupted() -> None:
    """A stop is heard within a block, within a year even."""
    tables, heard = tables_of(scenario_of(1e6, Constant(1))), []

    def progress(fraction: float, message: str = "") -> None:
        heard.append(fraction)
        if len(heard) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        simulate(tables, seed=1, trials=4000, blocks=range(1), progress=progress)

    assert len(heard) == 3


def test_progress_rises() -> None:
    """From nothing done to the last block."""
    tables, heard = tables_of(scenario_of(100, Constant(1))), list[float]()

    def progress(fraction: float, message: str = "") -> None:
        heard.append(fraction)

    blocks = range(block_count(MILLION))
    simulate(tables, seed=1, trials=MILLION, blocks=blocks, progress=progress)

    assert heard == sorted(heard)
    assert heard[0] == 0
    assert heard[-1] < 1
    assert len(heard) > 3


@pytest.mark.parametrize(("rate", "trials"), [(1.0, 0), (1.0, 10**9 + 1), (1e6, 10**6)])
def test_a_simulation_too_large_is_refused(rate: float, trials: int) -> None:
    """Before anything is drawn."""
    with pytest.raises(InvalidInput) as refusal:
        check_size(tables_of(scenario_of(rate, Constant(1.0))), trials)

    assert refusal.value.field == "trials"


@pytest.mark.parametrize("blocks", [range(0), range(2), range(0, 3, 2)])
def test_blocks_that_are_not_there_are_refused(blocks: range) -> None:
    """None at all, or more than the trials fill."""
    with pytest.raises(InvalidInput) as refusal:
        simulate(
            tables_of(scenario_of(1, Constant(1))),
            seed=1,
            trials=100,
            blocks=blocks,
            progress=unreported,
        )

    assert refusal.value.field == "blocks"
