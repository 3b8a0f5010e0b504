"""Simulated annual losses follow the closed forms, the reference table and the laws of sums."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engines.errors import InvalidInput, Stopped
from engines.prism import annual_loss
from engines.prism.annual_loss import simulate_block
from engines.prism.distributions import Constant, Distribution, Lognormal, Pert
from engines.prism.loss_tally import LossTally
from engines.prism.scenario import Scenario, SecondaryLoss
from engines.prism.simulation import block_count, simulate
from engines.prism.streams import BLOCK_TRIALS
from engines.progress import unreported

ROOT = Path(__file__).parents[3]
STANDARD_HEAVY = Lognormal(mu=0.0, sigma=2.0)


def scenario_of(
    rate: Distribution, loss: Distribution, secondary: SecondaryLoss | None = None
) -> Scenario:
    return Scenario(loss_event_frequency_per_year=rate, primary_loss=loss, secondary_loss=secondary)


def run(
    scenario: Scenario, *, trials: int = 200_000, seed: int = 1, appetite: float | None = None
) -> LossTally:
    blocks = range(block_count(trials))
    return simulate(
        scenario, seed=seed, trials=trials, blocks=blocks, appetite=appetite, progress=unreported
    )


def years(scenario: Scenario, *, trials: int = 2000, seed: int = 1) -> NDArray[np.float64]:
    return simulate_block(scenario, seed=seed, block=0, trials=trials, pulse=lambda: None)


def example() -> Scenario:
    wire = json.loads((ROOT / "examples" / "ransomware.json").read_text())["scenario"]
    frequency, primary = wire["lossEventFrequencyPerYear"], wire["primaryLoss"]
    secondary = wire["secondaryLoss"]
    return scenario_of(
        Pert(frequency["low"], frequency["mode"], frequency["high"]),
        Lognormal.from_interval(primary["low"], primary["high"]),
        SecondaryLoss(
            probability=secondary["probability"],
            loss=Lognormal.from_interval(secondary["loss"]["low"], secondary["loss"]["high"]),
        ),
    )


def reference() -> Iterator[tuple[str, float, float]]:
    table = ROOT / "tests" / "reference" / "prism" / "aggregate_loss.csv"
    with table.open() as rows:
        for row in csv.DictReader(rows):
            if float(row["annual_loss"]) > 0:
                yield row["scenario"], float(row["percent"]), float(row["annual_loss"])


SCENARIOS = {
    **{f"poisson {n}": scenario_of(Constant(n), STANDARD_HEAVY) for n in (1, 10, 100)},
    "ransomware": example(),
}
REFERENCE_TRIALS = {"poisson 1": 500_000, "poisson 10": 200_000, "poisson 100": 50_000}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_tail_is_that_of_the_reference_table(name: str) -> None:
    """The share of years beyond each percentile (five standard errors, one unit printed)."""
    trials = REFERENCE_TRIALS.get(name, 500_000)
    losses = np.concatenate([
        simulate_block(
            SCENARIOS[name], seed=3, block=block, trials=BLOCK_TRIALS, pulse=lambda: None
        )
        for block in range(trials // BLOCK_TRIALS)
    ])  # fmt: skip
    rows = [(percent, loss) for scenario, percent, loss in reference() if scenario == name]

    assert rows
    for percent, loss in rows:
        share = 1 - percent / 100
        margin = 5 * math.sqrt(share * (1 - share) / losses.size)
        last_digit = 10.0 ** (math.floor(math.log10(loss)) - 3)
        assert np.mean(losses > loss + last_digit) < share + margin
        assert np.mean(losses > loss - last_digit) > share - margin


def test_mean_and_variance_of_a_compound_poisson_sum() -> None:
    """E S = l E X and Var S = l E X^2 (Klugman, Panjer and Willmot, Loss Models, chapter 9).

    Here with secondary losses: X = P + B Q, so E X^2 = E P^2 + 2 p E P E Q + p E Q^2.
    """
    primary, secondary = Pert(1, 2, 6), Pert(0, 3, 12)
    second_moment = {
        pert: pert.mean**2 + (pert.mean - pert.low) * (pert.high - pert.mean) / 7
        for pert in (primary, secondary)
    }
    p, rate = 0.3, 2.5
    mean = rate * (primary.mean + p * secondary.mean)
    variance = rate * (
        second_moment[primary]
        + 2 * p * primary.mean * secondary.mean
        + p * second_moment[secondary]
    )
    tally = run(
        scenario_of(Constant(rate), primary, SecondaryLoss(probability=p, loss=secondary)),
        trials=400_000,
    )

    assert abs(tally.mean - mean) < 5 * math.sqrt(variance / tally.trials)
    # The fourth central moment of so mild a sum is below 3 (1 + 1/rate) times the square.
    error = math.sqrt(3 * (1 + 1 / rate) * variance**2 / tally.trials)
    assert abs(tally.standard_deviation**2 - variance) < 5 * error


def test_an_uncertain_rate_spreads_the_losses() -> None:
    """Var S = E[rate] E X^2 + Var[rate] (E X)^2: the rate is drawn for each year, not once."""
    rate = Pert(0, 5, 20)
    rate_variance = (rate.mean - rate.low) * (rate.high - rate.mean) / 7
    variance = rate.mean + rate_variance
    tally = run(scenario_of(rate, Constant(1.0)), trials=400_000)

    assert abs(tally.mean - rate.mean) < 5 * math.sqrt(variance / tally.trials)
    assert abs(tally.standard_deviation**2 - variance) < 5 * math.sqrt(
        4 * variance**2 / tally.trials
    )


@pytest.mark.parametrize("rate", [0.01, 0.7, 3.0, 25.0])
def test_event_counts_are_poisson(rate: float) -> None:
    """With a loss of 1 an event, a year's loss is its count: e^-l l^k / k!, zero included."""
    counts = years(scenario_of(Constant(rate), Constant(1.0)), trials=BLOCK_TRIALS)

    for k in range(int(rate + 4 * math.sqrt(rate)) + 2):
        share = math.exp(-rate + k * math.log(rate) - math.lgamma(k + 1))
        margin = 5 * math.sqrt(share * (1 - share) / counts.size) + 1 / counts.size
        assert abs(np.mean(counts == k) - share) < margin


rates = st.floats(min_value=0, max_value=20)
amounts = st.floats(min_value=0.01, max_value=1e6)


@settings(max_examples=40)
@given(rates, amounts, st.integers(min_value=-20, max_value=20))
def test_money_scales(rate: float, low: float, octaves: int) -> None:
    """Every loss in another currency of 2^n to one is every year's loss times 2^n, to the bit."""
    scale = 2.0**octaves
    one = years(scenario_of(Constant(rate), Pert(low, 2 * low, 7 * low)), trials=300)
    other = years(
        scenario_of(Constant(rate), Pert(low * scale, 2 * low * scale, 7 * low * scale)),
        trials=300,
    )

    assert (one * scale).tolist() == other.tolist()


@settings(max_examples=40)
@given(rates, amounts, st.floats(min_value=0, max_value=1))
def test_a_secondary_loss_only_adds(rate: float, low: float, probability: float) -> None:
    """The primary losses of every year stay what they are without it."""
    alone = scenario_of(Constant(rate), Lognormal.from_interval(low, 9 * low))
    extra = SecondaryLoss(probability=probability, loss=Constant(low))

    loss = Lognormal.from_interval(low, 9 * low)
    more = years(scenario_of(Constant(rate), loss, extra), trials=300)
    assert (years(alone, trials=300) <= more).all()


def test_more_frequent_events_cost_more() -> None:
    """In the mean, by the ratio of the rates."""
    means = [run(scenario_of(Constant(rate), Constant(1.0))).mean for rate in (0.5, 1, 2, 4)]

    assert sorted(means) == means


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_a_secondary_loss_never_and_always(probability: float) -> None:
    """Probability 0 is no secondary loss, probability 1 one for each event."""
    extra = SecondaryLoss(probability=probability, loss=Constant(3.0))
    plain = years(scenario_of(Pert(0, 2, 9), Constant(1.0)))

    both = years(scenario_of(Pert(0, 2, 9), Constant(1.0), extra))
    assert (plain * (1 + 3 * probability)).tolist() == both.tolist()


@settings(max_examples=25, deadline=None)
@given(st.integers(min_value=1, max_value=5 * BLOCK_TRIALS))
def test_shards_of_any_cut_hold_the_same_blocks(trials: int) -> None:
    """Alone, or with others, a block comes to the same sum."""
    scenario = scenario_of(Constant(0.5), Lognormal.from_interval(1, 10))
    blocks = block_count(trials)
    whole = run(scenario, trials=trials)

    each = [
        simulate(
            scenario, seed=1, trials=trials, blocks=range(block, block + 1), appetite=None,
            progress=unreported,
        )
        for block in reversed(range(blocks))
    ]  # fmt: skip
    assert whole.block_sums == tuple(reversed([t.block_sums[0] for t in each]))
    assert trials == sum(t.trials for t in each)


def test_the_size_of_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events drawn seven at a time are those drawn all at once."""
    scenario = scenario_of(
        Pert(0, 3, 30), Constant(1.0), SecondaryLoss(probability=0.5, loss=Constant(4.0))
    )
    at_once = years(scenario)
    monkeypatch.setattr(annual_loss, "PIECE_EVENTS", 7)

    assert at_once.tolist() == years(scenario).tolist()


def test_another_seed_gives_other_years() -> None:
    """And the same seed the same."""
    assert years(example(), seed=1).tolist() == years(example(), seed=1).tolist()
    assert years(example(), seed=1).tolist() != years(example(), seed=2).tolist()


def test_more_trials_begin_with_the_fewer() -> None:
    """A longer simulation refines a shorter one."""
    assert years(example(), trials=100).tolist() == years(example(), trials=5000)[:100].tolist()


@pytest.mark.parametrize(
    ("rate", "loss"), [(Constant(0), STANDARD_HEAVY), (Constant(5), Constant(0))]
)
def test_nothing_happens_or_nothing_is_lost(rate: Constant, loss: Distribution) -> None:
    """Every year is a zero."""
    tally = run(scenario_of(rate, loss), trials=1)

    assert (
        tally.cells.tolist(), tally.counts.tolist(), tally.mean, tally.largest
    ) == ([0], [1], 0.0, 0.0)  # fmt: skip


def test_a_million_events_a_year_stay_within_memory() -> None:
    """They are drawn piece by piece, and a stop is heard between pieces."""
    scenario, pulses = scenario_of(Constant(1e6), Constant(1.0)), []
    losses = simulate_block(scenario, seed=1, block=0, trials=2, pulse=lambda: pulses.append(1))

    assert abs(losses.mean() - 1e6) < 5 * math.sqrt(1e6 / 2)
    assert len(pulses) >= 2e6 // annual_loss.PIECE_EVENTS


@pytest.mark.parametrize(("rate", "trials"), [(1.0, 0), (1.0, 10**9 + 1), (1e6, 10_001), (1e15, 1)])
def test_a_simulation_too_large_is_refused(rate: float, trials: int) -> None:
    """Before anything is drawn."""
    with pytest.raises(InvalidInput) as refusal:
        run(scenario_of(Constant(rate), Constant(1.0)), trials=trials)

    assert refusal.value.field == "trials"


def test_progress_can_stop_it() -> None:
    """The order to stop passes through."""

    def stop(fraction: float, message: str = "") -> None:
        if fraction >= 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        simulate(example(), seed=1, trials=10**9, blocks=range(4), appetite=None, progress=stop)


@pytest.mark.parametrize("probability", [-0.1, 1.1, math.nan])
def test_a_probability_is_one(probability: float) -> None:
    """From 0 to 1."""
    with pytest.raises(InvalidInput) as refusal:
        SecondaryLoss(probability=probability, loss=Constant(1.0))

    assert refusal.value.field == "probability"
