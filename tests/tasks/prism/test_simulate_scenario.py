"""`prism.simulate_scenario`, as its callers meet it: JSON in, JSON and pictures out."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engines.errors import InvalidInput
from engines.prism.dependence.joint_tables import JointTables
from engines.prism.monte_carlo.tabulation import tabulate
from engines.prism.monte_carlo.workspace import BLOCK_TRIALS
from engines.progress import unreported
from queues.artifacts import ArtifactStore
from tasks.prism.annual_loss_answer import merge, split
from tasks.prism.annual_loss_result import AnnualLossResult
from tasks.prism.annual_loss_shard import (
    ShardRequest,
    ShardResult,
    shard_requests,
    simulate_shard,
)
from tasks.prism.simulate_scenario import SimulateScenarioRequest, simulate_scenario

EXAMPLE = Path(__file__).parents[3] / "examples" / "ransomware.json"
Wire = dict[str, Any]


def example(**changes: object) -> Wire:
    """Give the example, simulated, so that all numbers have intervals."""
    wire: Wire = json.loads(EXAMPLE.read_text())
    return wire | {"engine": "monteCarlo", "trials": 20_000, "pictures": []} | changes


def with_field(path: str, value: object, **changes: object) -> Wire:
    """Give the example with the field at a dotted path set."""
    wire = example(**changes)
    *folders, last = path.split(".")
    inside = wire
    for folder in folders:
        inside = inside[folder]
    inside[last] = value
    return wire


def parsed(wire: Wire) -> SimulateScenarioRequest:
    return SimulateScenarioRequest.model_validate_json(json.dumps(wire))


def run(wire: Wire, artifacts: ArtifactStore) -> AnnualLossResult:
    result = simulate_scenario(parsed(wire), progress=unreported, artifacts=artifacts)
    assert isinstance(result, AnnualLossResult)
    return result


def cut(
    request: SimulateScenarioRequest, shards: int, artifacts: ArtifactStore
) -> list[ShardRequest]:
    tables = tabulate(request.portfolio(), amounts=request.amounts)
    return shard_requests(
        tables, seed=request.seed, trials=request.trials, shards=shards, artifacts=artifacts
    )


def sharded(
    request: SimulateScenarioRequest, shards: list[ShardRequest], artifacts: ArtifactStore
) -> AnnualLossResult:
    """Run shards as the fleet does: requests and results cross the wire as JSON."""
    answers = [
        simulate_shard(
            ShardRequest.model_validate_json(shard.model_dump_json()),
            progress=unreported,
            artifacts=artifacts,
        )
        for shard in shards
    ]
    returned = [ShardResult.model_validate_json(answer.model_dump_json()) for answer in answers]
    return merge(request, returned, artifacts=artifacts)


@pytest.mark.parametrize("engine", ["auto", "monteCarlo"])
def test_the_example_answers_what_an_analyst_asks(engine: str, artifacts: ArtifactStore) -> None:
    """All numbers lie within their limits, and the pictures can be fetched."""
    result = run(example(engine=engine, pictures=["png", "svg"]), artifacts)
    wire = json.loads(result.model_dump_json())

    gross = wire["gross"]
    assert [each["percent"] for each in gross["percentiles"]] == [50, 90, 95, 99, 99.5]
    for estimate in (
        gross["mean"], gross["probabilityOfLoss"], wire["appetite"]["probabilityOfExceeding"],
        *gross["percentiles"], *(risk["tailValueAtRisk"] for risk in gross["tailRisk"]),
    ):  # fmt: skip
        assert estimate["lower"] <= estimate["value"] <= estimate["upper"]
    png, svg = (artifacts.read(picture.reference()) for picture in result.pictures)
    assert png.startswith(b"\x89PNG")
    assert svg.startswith(b"<?xml")


def test_both_engines_agree(artifacts: ArtifactStore) -> None:
    """The exact mean and percentiles lie within five standard errors of the simulated ones."""
    exact = run(example(engine="analytic"), artifacts).gross
    simulated = run(example(trials=1 << 20), artifacts).gross

    pairs = [
        (exact.mean.value, simulated.mean),
        *zip([each.value for each in exact.percentiles], simulated.percentiles, strict=True),
        *(
            (mine.tail_value_at_risk.value, theirs.tail_value_at_risk)
            for mine, theirs in zip(exact.tail_risk, simulated.tail_risk, strict=True)
        ),
    ]
    for value, estimate in pairs:
        assert estimate.lower is not None
        assert estimate.upper is not None
        error = (estimate.upper - estimate.lower) / 2 / 1.96
        assert abs(value - estimate.value) <= 5 * error


def test_the_result_reads_back(artifacts: ArtifactStore) -> None:
    """From its own JSON, to the bit."""
    result = run(example(pictures=["png"], contributions=True, largestEvent=True), artifacts)

    assert result == AnnualLossResult.model_validate_json(result.model_dump_json())


def test_auto_says_why_and_checks(artifacts: ArtifactStore) -> None:
    """The exact engine, held against a simulation of 65,536 years."""
    engine = run(example(engine="auto"), artifacts).engine

    assert engine.name == "analytic"
    assert engine.cross_check is not None
    assert engine.cross_check.trials == 65_536
    assert engine.cross_check.compared >= 5
    assert 0 <= engine.cross_check.largest_deviation < 5


def test_auto_simulates_what_has_no_exact_answer(artifacts: ArtifactStore) -> None:
    """And says what that is."""
    product = with_field("scenario.annualLossModel", "product", engine="auto", trials=2000)
    layer = {"deductible": 1e5, "limit": 1e6}
    both = {"perOccurrence": layer, "annualAggregate": layer}
    two_layers = example(engine="auto", trials=2000, insurance=both)
    engines = [run(wire, artifacts).engine for wire in (product, two_layers)]

    assert [engine.name for engine in engines] == ["monteCarlo", "monteCarlo"]
    assert "frequency times magnitude" in engines[0].reason
    assert "layers per occurrence and per year" in engines[1].reason


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    trials=st.integers(min_value=1, max_value=20 * BLOCK_TRIALS),
    shards=st.integers(min_value=1, max_value=9),
    chance=st.randoms(use_true_random=False),
)
def test_shards_give_the_result_of_one_run(
    artifacts: ArtifactStore, trials: int, shards: int, chance: random.Random
) -> None:
    """Bit for bit, for any number of shards in any order."""
    request = parsed(example(trials=trials))
    requests = cut(request, shards, artifacts)
    chance.shuffle(requests)

    together = simulate_scenario(request, progress=unreported, artifacts=artifacts)
    assert together == sharded(request, requests, artifacts)


def test_shards_carry_everything_that_was_asked(artifacts: ArtifactStore) -> None:
    """Insurance, the largest event and contributions come back from shards as from one run."""
    policy = {"perOccurrence": {"deductible": 1e5, "limit": 1e6}}
    wire = example(insurance=policy, largestEvent=True, contributions=True)
    request = parsed(wire)
    tables = tabulate(
        request.portfolio(), amounts=request.amounts, largest_event=True, contributions=True
    )
    requests = shard_requests(
        tables, seed=request.seed, trials=request.trials, shards=3, artifacts=artifacts
    )

    assert run(wire, artifacts) == sharded(request, requests, artifacts)


def test_long_simulations_are_split_and_short_ones_are_not(artifacts: ArtifactStore) -> None:
    """Into shards of about a second, 64 at most, which cover every block once."""

    def shards(**changes: object) -> list[ShardRequest]:
        return split(parsed(example(**changes)), progress=unreported, artifacts=artifacts)

    long = shards(trials=10**9)
    ends = [shard.first_block + shard.block_count for shard in long]

    assert shards(trials=1 << 20) == shards(trials=10**9, engine="auto") == []
    assert 2 <= len(long) <= 64
    assert [0, *ends[:-1]] == [shard.first_block for shard in long]
    assert ends[-1] == -(-(10**9) // BLOCK_TRIALS)
    assert len({shard.tables.sha256 for shard in long}) == 1


def test_what_is_not_a_table_is_refused(artifacts: ArtifactStore) -> None:
    """A shard that is pointed at something else says so."""
    request = parsed(example())
    (shard,) = cut(request, 1, artifacts)
    wrong = shard.model_copy(update={"kind": "joint"})

    with pytest.raises(InvalidInput, match="tables"):
        simulate_shard(wrong, progress=unreported, artifacts=artifacts)
    with pytest.raises(InvalidInput, match="tables"):
        JointTables.from_bytes(b"{}\n")


def test_a_precision_is_reached(artifacts: ArtifactStore) -> None:
    """With as many years as it takes, told in the result."""
    asked = {"relativeHalfWidth": 0.02, "percent": 95}
    result = run(example(precision=asked), artifacts)

    assert result.convergence is not None
    assert result.convergence.is_converged
    assert result.convergence.relative_half_width is not None
    assert result.convergence.relative_half_width <= 0.02
    assert 20_000 < result.convergence.trials < 1_000_000
    assert result.provenance.trials == result.convergence.trials


def test_a_precision_out_of_reach_is_told(artifacts: ArtifactStore) -> None:
    """The simulation stops at its most years, and does not say that it converged."""
    asked = {"relativeHalfWidth": 0.0001, "maxTrials": 40_000}
    result = run(example(precision=asked), artifacts)

    assert result.convergence is not None
    assert not result.convergence.is_converged
    assert result.convergence.trials == 40_000


def test_an_appetite_changes_nothing_else(artifacts: ArtifactStore) -> None:
    """But its own verdict, and what the request is called and looked up in."""
    apart = {"appetite", "provenance"}
    without = run(example(appetite=None), artifacts)

    assert without.appetite is None
    assert without.model_dump(exclude=apart) == run(example(), artifacts).model_dump(exclude=apart)


@pytest.mark.parametrize("engine", ["analytic", "monteCarlo"])
def test_an_appetite_curve_is_judged_point_by_point(engine: str, artifacts: ArtifactStore) -> None:
    """A fifth of years with a loss is more than a tenth; one above a billion is not."""
    curve = [
        {"annualLoss": 0, "probability": 0.1},
        {"annualLoss": 1e9, "probability": 0.01},
    ]
    verdict = run(example(engine=engine, appetite={"curve": curve}), artifacts).appetite

    assert verdict is not None
    assert (verdict.annual_loss, verdict.probability_of_exceeding) == (None, None)
    assert [point.is_breached for point in verdict.curve] == [True, False]
    assert [point.is_certain for point in verdict.curve] == [True, True]
    assert verdict.breaches == 1


@pytest.mark.parametrize("engine", ["analytic", "monteCarlo"])
def test_insurance_takes_its_part(engine: str, artifacts: ArtifactStore) -> None:
    """What is ceded and what is left add up in the mean, and the appetite is of what is left."""
    policy = {"annualAggregate": {"deductible": 5e5, "limit": 1e6}}
    result = run(example(engine=engine, insurance=policy, trials=200_000), artifacts)

    assert result.net is not None
    assert result.ceded is not None
    assert result.net.mean.value + result.ceded.mean.value == pytest.approx(
        result.gross.mean.value, rel=1e-9
    )
    most = result.ceded.percentiles[-1]
    assert most.lower is not None
    assert most.upper is not None
    assert most.lower <= 1e6 <= most.upper * (1 + 1e-12)
    assert result.appetite is not None
    assert result.appetite.probability_of_exceeding is not None
    above = result.appetite.probability_of_exceeding.value
    # A net loss above 2 million is a gross loss above 3 million.
    gross = run(example(engine=engine, appetite={"annualLoss": 3e6}, trials=200_000), artifacts)
    assert gross.appetite is not None
    assert gross.appetite.probability_of_exceeding is not None
    assert above == pytest.approx(gross.appetite.probability_of_exceeding.value, rel=1e-6)


@pytest.mark.parametrize("engine", ["analytic", "monteCarlo"])
def test_contributions_add_up(engine: str, artifacts: ArtifactStore) -> None:
    """By form of loss, to the mean and to the tail value at risk."""
    result = run(example(engine=engine, contributions=True), artifacts)

    assert [part.part for part in result.by_scenario] == ["scenario"]
    assert [part.part for part in result.by_form] == [
        "primary.unspecified",
        "secondary.unspecified",
    ]
    assert sum(part.mean for part in result.by_form) == pytest.approx(
        result.gross.mean.value, rel=1e-6
    )
    for number, risk in enumerate(result.gross.tail_risk):
        assert sum(part.tail[number].amount for part in result.by_form) == pytest.approx(
            risk.tail_value_at_risk.value, rel=1e-6
        )


@pytest.mark.parametrize("engine", ["analytic", "monteCarlo"])
def test_the_largest_event_is_no_more_than_the_year(engine: str, artifacts: ArtifactStore) -> None:
    """Its percentiles lie below the year's, and it exists in the same years."""
    result = run(example(engine=engine, largestEvent=True, trials=200_000), artifacts)

    assert result.largest_event is not None
    years, events = result.gross, result.largest_event
    assert events.probability_of_loss.value == pytest.approx(
        years.probability_of_loss.value, rel=1e-9
    )
    for event, year in zip(events.percentiles, years.percentiles, strict=True):
        assert event.value <= year.value * (1 + 1e-9)


def test_percentiles_come_as_asked(artifacts: ArtifactStore) -> None:
    """In the request's order, and none if none."""
    asked = run(example(percentiles=[99, 0.1, 50.5], tailPercents=[90]), artifacts).gross

    assert [percentile.percent for percentile in asked.percentiles] == [99, 0.1, 50.5]
    assert [risk.percent for risk in asked.tail_risk] == [90]
    assert run(example(percentiles=[]), artifacts).gross.percentiles == ()


@pytest.mark.parametrize("engine", ["auto", "monteCarlo"])
def test_no_loss_has_no_picture(engine: str, artifacts: ArtifactStore) -> None:
    """A scenario that never happens is answered with zeros."""
    never = with_field(
        "scenario.lossEventFrequencyPerYear",
        {"distribution": "constant", "value": 0},
        engine=engine,
        pictures=["png"],
        contributions=True,
    )
    result = run(never, artifacts)

    assert (result.gross.exceedance_curve, result.pictures) == ((), ())
    assert result.gross.mean.value == result.gross.probability_of_loss.value == 0
    assert {part.share for part in result.by_form} <= {None}


@pytest.mark.parametrize("engine", ["auto", "monteCarlo"])
def test_a_sure_loss_reads_exactly(engine: str, artifacts: ArtifactStore) -> None:
    """One loss event of a million, every year: no grid and no cell blurs it."""
    wire = example(
        engine=engine,
        scenario={
            "lossEventFrequencyPerYear": 1,
            "eventCount": {"model": "bernoulli"},
            "primaryLoss": 1_000_000,
        },
    )
    gross = run(wire, artifacts).gross

    assert {each.value for each in gross.percentiles} == {1_000_000}
    assert gross.mean.value == pytest.approx(1_000_000, rel=1e-12)
    assert gross.standard_deviation == pytest.approx(0, abs=1e-3)


def test_one_trial_has_no_spread(artifacts: ArtifactStore) -> None:
    """What cannot be said is null, not NaN."""
    gross = run(example(trials=1), artifacts).gross

    assert gross.standard_deviation is None
    assert (gross.mean.lower, gross.mean.upper) == (None, None)
    assert {None} == {percentile.upper for percentile in gross.percentiles}


def test_only_a_name_a_currency_and_a_scenario_are_required() -> None:
    """The exact engine if it can, else 2^20 years."""
    wire = {key: example()[key] for key in ("name", "currency", "scenario")}
    request = parsed(wire)

    assert (request.engine, request.trials, request.seed) == ("auto", 1 << 20, 0)
    assert request.appetite is request.insurance is request.precision is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("scenario.lossEventFrequencyPerYear.mode", 9.0),
        ("scenario.lossEventFrequencyPerYear.mode", -1),
        ("scenario.lossEventFrequencyPerYear.gamma", 1e9),
        ("scenario.primaryLoss.high", 1.0),
        ("scenario.primaryLoss.high", 1e15),
        ("scenario.primaryLoss.low", 0),
        ("scenario.primaryLoss.low", "150000"),
        ("scenario.primaryLoss.low", True),
        ("scenario.primaryLoss.low", float("nan")),
        ("scenario.primaryLoss.high", float("inf")),
        ("scenario.primaryLoss.median", 3),
        ("scenario.secondaryLoss.probability", 1.01),
        ("scenario.secondaryLoss.loss.low", -5),
        ("scenario.controls", []),
        ("appetite.annualLoss", -1),
        ("appetite.curve", [{"annualLoss": 5, "probability": 1.5}]),
        ("currency", "euro"),
        ("name", ""),
        ("name", "two\nlines"),
        ("name", "nul\x00"),
        ("trials", 0),
        ("trials", 10**9 + 1),
        ("trials", 1.5),
        ("seed", -1),
        ("seed", 2**53),
        ("percentiles", [50] * 101),
        ("curvePoints", 1),
        ("engine", "fast"),
        ("engine", "copula"),
        ("engine", "quasiMonteCarlo"),
        ("insurance", {}),
        ("insurance", {"perOccurrence": {"limit": 0}}),
        ("insurance", {"perOccurrence": {"deductible": -1}}),
        ("precision", {"relativeHalfWidth": 0.01, "maxTrials": 5}),
        ("pictures", ["pdf"]),
        ("surprise", 1),
    ],
)
def test_an_impossible_value_is_refused_at_its_field(path: str, value: object) -> None:
    """By the path that the caller wrote, or one below it, and by no other."""
    with pytest.raises(ValidationError) as refusal:
        parsed(with_field(path, value))

    (field,) = [".".join(map(str, problem["loc"])) for problem in refusal.value.errors()]
    assert field == path or field.startswith(f"{path}.")


@pytest.mark.parametrize(
    ("curve", "field"),
    [
        ([(2, 0.1), (1, 0.05)], "appetite.curve.1.annualLoss"),
        ([(1, 0.1), (1, 0.05)], "appetite.curve.1.annualLoss"),
        ([(1, 0.1), (2, 0.2)], "appetite.curve.1.probability"),
    ],
)
def test_an_appetite_curve_falls(curve: list[tuple[float, float]], field: str) -> None:
    """Its points come ascending by loss, and never with a greater probability."""
    points = [{"annualLoss": loss, "probability": share} for loss, share in curve]
    with pytest.raises(ValidationError) as refusal:
        parsed(example(appetite={"curve": points}))

    assert [".".join(map(str, each["loc"])) for each in refusal.value.errors()] == [field]


@pytest.mark.parametrize("asked", [{"largestEvent": True}, {"insurance": {"perOccurrence": {}}}])
def test_a_product_has_no_single_events(asked: Wire) -> None:
    """What asks for them is refused by its name."""
    if "insurance" in asked:
        asked = {"insurance": {"perOccurrence": {"deductible": 1}}}
    with pytest.raises(ValidationError, match="frequency times magnitude has none"):
        parsed(with_field("scenario.annualLossModel", "product") | asked)


@pytest.mark.parametrize("percent", [0, 100, -5, 250])
def test_a_percentile_lies_inside(percent: float) -> None:
    """Of 0 and 100 per cent there is nothing to estimate."""
    with pytest.raises(ValidationError) as refusal:
        parsed(example(percentiles=[50, percent]))

    assert [problem["loc"] for problem in refusal.value.errors()] == [("percentiles", 1)]


def test_a_distribution_nobody_knows_is_refused() -> None:
    """With those that are known."""
    with pytest.raises(ValidationError, match="'constant', 'pert', 'triangular'") as refusal:
        parsed(with_field("scenario.primaryLoss.distribution", "cauchy"))

    assert [problem["loc"] for problem in refusal.value.errors()] == [("scenario", "primaryLoss")]


def test_too_many_events_are_refused_with_what_would_do(artifacts: ArtifactStore) -> None:
    """Before anything is simulated; the refusal says how many trials would be accepted."""
    often = with_field("scenario.lossEventFrequencyPerYear", 1e6, trials=10**9)
    with pytest.raises(InvalidInput, match=r"^trials: expected at most \d+ at"):
        split(parsed(often), progress=unreported, artifacts=artifacts)


def test_every_problem_is_told_at_once() -> None:
    """So that a form can be mended in one go."""
    wire = with_field("scenario.primaryLoss.high", 1) | {"currency": "?"}
    wire["scenario"]["lossEventFrequencyPerYear"]["mode"] = 99

    with pytest.raises(ValidationError) as refusal:
        parsed(wire)

    assert refusal.value.error_count() == 3


@pytest.mark.parametrize("retention", [33_333.33, 123_456.78, 7_777.77])
@pytest.mark.parametrize("engine", ["analytic", "monteCarlo"])
def test_nobody_keeps_more_than_the_deductible(
    engine: str, retention: float, artifacts: ArtifactStore
) -> None:
    """An appetite of what a policy leaves at most is never exceeded, however sums are rounded."""
    wire = example(
        engine=engine,
        trials=100_000,
        insurance={"annualAggregate": {"deductible": retention}},
        appetite={"annualLoss": retention},
        percentiles=[99],
    )
    result = run(wire, artifacts)

    assert result.net is not None
    assert result.appetite is not None
    assert result.appetite.probability_of_exceeding is not None
    assert result.appetite.probability_of_exceeding.value == 0
    assert result.net.percentiles[0].value == pytest.approx(retention, rel=1e-9)


@pytest.mark.parametrize("engine", ["analytic", "monteCarlo"])
def test_events_that_are_kept_to_their_deductible_add_up_to_it(
    engine: str, artifacts: ArtifactStore
) -> None:
    """More than two retentions a year takes three events: the engines agree on that."""
    scenario = {
        "lossEventFrequencyPerYear": 1,
        "primaryLoss": {"distribution": "lognormal", "low": 10_000, "high": 200_000},
    }
    wire = example(
        engine=engine,
        scenario=scenario,
        trials=400_000,
        insurance={"perOccurrence": {"deductible": 25_000}},
        appetite={"curve": [{"annualLoss": 50_000, "probability": 0.05}]},
    )
    verdict = run(wire, artifacts).appetite

    assert verdict is not None
    # Poisson(1) exceeds 2 with probability 0.0803; some of those years keep less.
    assert verdict.curve[0].probability_of_exceeding.value == pytest.approx(0.0776, abs=0.002)


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        ({"primaryLoss": {"distribution": "poisson", "rate": 1e6}}, "varies too little"),
        (
            {"primaryLoss": {"distribution": "negativeBinomial", "mean": 1e6, "size": 0.5}},
            "too many single values",
        ),
        (
            {"primaryLoss": {"distribution": "beta", "alpha": 0.3, "beta": 0.3, "high": 1e6}},
            "has no bound at an end",
        ),
        ({"primaryLoss": {"distribution": "lognormal", "mu": -50, "sigma": 12}}, "points"),
    ],
)
def test_auto_simulates_what_no_grid_can_see(
    scenario: Wire, reason: str, artifacts: ArtifactStore
) -> None:
    """Rather than to fail or to be wrong, and it says so."""
    wire = example(engine="auto", scenario={"lossEventFrequencyPerYear": 1} | scenario)
    result = run(wire, artifacts)

    assert result.engine.name == "monteCarlo"
    assert reason in result.engine.reason


def test_the_check_looks_at_all_that_was_asked(artifacts: ArtifactStore) -> None:
    """Gross, ceded, net and the largest event: none is given unseen."""
    alone = run(example(engine="auto"), artifacts).engine.cross_check
    policy = {"perOccurrence": {"deductible": 1e5, "limit": 1e6}}
    all_of_it = run(example(engine="auto", insurance=policy, largestEvent=True), artifacts)

    assert alone is not None
    assert all_of_it.engine.cross_check is not None
    assert all_of_it.engine.cross_check.compared > 2 * alone.compared


def test_an_answer_without_width_has_converged(artifacts: ArtifactStore) -> None:
    """The median of a rare loss is 0 for sure: more years would not tell more."""
    wire = with_field("scenario.lossEventFrequencyPerYear", 0.01)
    result = run(wire | {"precision": {"relativeHalfWidth": 0.01, "percent": 50}}, artifacts)

    assert result.convergence is not None
    assert result.convergence.is_converged
    assert result.provenance.trials == 20_000
