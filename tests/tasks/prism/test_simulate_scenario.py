"""`prism.simulate_scenario`, as its callers meet it: JSON in, JSON and a picture out."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engines.prism.streams import BLOCK_TRIALS
from engines.progress import unreported
from queues.artifacts import ArtifactReference, ArtifactStore, open_store
from tasks.prism.scenario_shard import ShardRequest, ShardResult, shard_requests, simulate_shard
from tasks.prism.simulate_scenario import (
    SimulateScenarioRequest,
    SimulateScenarioResult,
    merge_shards,
    simulate_scenario,
    split,
)

EXAMPLE = Path(__file__).parents[3] / "examples" / "ransomware.json"
Wire = dict[str, Any]


def example(**changes: object) -> Wire:
    wire: Wire = json.loads(EXAMPLE.read_text())
    return wire | {"trials": 20_000} | changes


def with_field(path: str, value: object) -> Wire:
    """Give the example with the field at a dotted path set."""
    wire = example()
    *folders, last = path.split(".")
    inside = wire
    for folder in folders:
        inside = inside[folder]
    inside[last] = value
    return wire


def parsed(wire: Wire) -> SimulateScenarioRequest:
    return SimulateScenarioRequest.model_validate_json(json.dumps(wire))


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return open_store(str(tmp_path))


@pytest.fixture
def run(artifacts: ArtifactStore) -> Callable[..., SimulateScenarioResult]:
    def simulate(wire: Wire) -> SimulateScenarioResult:
        result = simulate_scenario(parsed(wire), progress=unreported, artifacts=artifacts)
        assert isinstance(result, SimulateScenarioResult)
        return result

    return simulate


def sharded(
    request: SimulateScenarioRequest, shards: list[ShardRequest], artifacts: ArtifactStore
) -> SimulateScenarioResult:
    """Run shards as the fleet does: requests and results cross the wire as JSON."""
    answers = [
        simulate_shard(
            ShardRequest.model_validate_json(shard.model_dump_json()), progress=unreported
        )
        for shard in shards
    ]
    returned = [ShardResult.model_validate_json(answer.model_dump_json()) for answer in answers]
    return merge_shards(request, returned, artifacts=artifacts)


def test_the_example_answers_what_an_analyst_asks(
    run: Callable[..., SimulateScenarioResult], artifacts: ArtifactStore
) -> None:
    """All numbers have intervals around them, and the picture can be fetched."""
    wire = json.loads(run(example()).model_dump_json())

    assert wire["percentiles"][2]["percent"] == 95
    for estimate in (
        wire["mean"], wire["probabilityOfLoss"], wire["appetite"]["probabilityOfExceeding"],
        *wire["percentiles"],
    ):  # fmt: skip
        assert estimate["lower"] <= estimate["value"] <= estimate["upper"]
    picture = wire["picture"]
    content = artifacts.read(
        ArtifactReference(
            uri=picture["uri"],
            sha256=picture["sha256"],
            size_bytes=picture["sizeBytes"],
            media_type=picture["mediaType"],
        )
    )
    assert content.startswith(b"\x89PNG")
    assert picture["mediaType"] == "image/png"


def test_the_result_reads_back(run: Callable[..., SimulateScenarioResult]) -> None:
    """From its own JSON, to the bit."""
    result = run(example())

    assert result == SimulateScenarioResult.model_validate_json(result.model_dump_json())


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    trials=st.integers(min_value=1, max_value=6 * BLOCK_TRIALS),
    shards=st.integers(min_value=1, max_value=9),
    chance=st.randoms(use_true_random=False),
)
def test_shards_give_the_result_of_one_run(
    artifacts: ArtifactStore, trials: int, shards: int, chance: random.Random
) -> None:
    """Bit for bit, picture included, for any number of shards in any order."""
    request = parsed(example(trials=trials))
    cut = shard_requests(
        request.scenario, seed=request.seed, trials=trials, appetite=2e6, shards=shards
    )
    chance.shuffle(cut)

    together = simulate_scenario(request, progress=unreported, artifacts=artifacts)
    assert together == sharded(request, cut, artifacts)


def test_long_simulations_are_split_and_short_ones_are_not() -> None:
    """Into shards of about a second, 64 at most, which cover every block once."""
    counts = {n: len(split(parsed(example(trials=n)))) for n in (1, 4_000_000, 4_000_001, 10**9)}
    requests = split(parsed(example(trials=10**9)))

    assert counts == {1: 1, 4_000_000: 1, 4_000_001: 2, 10**9: 64}
    ends = [shard.first_block + shard.block_count for shard in requests]
    assert [0, *ends[:-1]] == [shard.first_block for shard in requests]
    assert ends[-1] == -(-(10**9) // BLOCK_TRIALS)


def test_frequent_events_are_split_too() -> None:
    """Ten million events are a shard's work, whatever the years."""
    frequent = with_field(
        "scenario.lossEventFrequencyPerYear", {"distribution": "constant", "value": 2000}
    )

    assert len(split(parsed(frequent | {"trials": 200_000}))) == 13


def test_a_missing_shard_is_noticed(artifacts: ArtifactStore) -> None:
    """A result over fewer trials than asked for is no result."""
    request = parsed(example(trials=3 * BLOCK_TRIALS))
    cut = shard_requests(request.scenario, seed=1, trials=request.trials, appetite=None, shards=3)

    with pytest.raises(RuntimeError, match="trials"):
        sharded(request, cut[:2], artifacts)


def test_an_appetite_changes_nothing_else(run: Callable[..., SimulateScenarioResult]) -> None:
    """But its own verdict, and the picture."""
    apart = {"appetite", "picture"}
    without = run(example(appetite=None))

    assert without.appetite is None
    assert without.model_dump(exclude=apart) == run(example()).model_dump(exclude=apart)


def test_percentiles_come_as_asked(run: Callable[..., SimulateScenarioResult]) -> None:
    """In the request's order, and none if none."""
    asked = run(example(percentiles=[99, 0.1, 50.5])).percentiles

    assert [percentile.percent for percentile in asked] == [99, 0.1, 50.5]
    assert run(example(percentiles=[])).percentiles == ()


def test_no_loss_has_no_picture(run: Callable[..., SimulateScenarioResult]) -> None:
    """A scenario that never happens is answered with zeros."""
    never = {"distribution": "constant", "value": 0}
    result = run(with_field("scenario.lossEventFrequencyPerYear", never))

    assert (result.exceedance_curve, result.picture) == ((), None)
    assert result.largest == result.mean.value == result.probability_of_loss.value == 0


def test_one_trial_has_no_spread(run: Callable[..., SimulateScenarioResult]) -> None:
    """What cannot be said is null, not NaN."""
    result = run(example(trials=1))

    assert result.standard_deviation is None
    assert (result.mean.lower, result.mean.upper) == (None, None)
    assert {None} == {percentile.upper for percentile in result.percentiles}


def test_defaults_are_a_million_years_and_no_appetite() -> None:
    """Only a name, a currency and a scenario are required."""
    wire = {key: example()[key] for key in ("name", "currency", "scenario")}
    request = parsed(wire)

    assert (request.trials, request.seed, request.appetite) == (1_000_000, 0, None)


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
        ("scenario.primaryLoss.low", None),
        ("scenario.primaryLoss.low", True),
        ("scenario.primaryLoss.low", float("nan")),
        ("scenario.primaryLoss.high", float("inf")),
        ("scenario.primaryLoss.median", 3),
        ("scenario.secondaryLoss.probability", 1.01),
        ("scenario.secondaryLoss.loss.low", -5),
        ("scenario.controls", []),
        ("appetite.annualLoss", -1),
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
        ("surprise", 1),
    ],
)
def test_an_impossible_value_is_refused_at_its_field(path: str, value: object) -> None:
    """By the path that the caller wrote, and by no other."""
    with pytest.raises(ValidationError) as refusal:
        parsed(with_field(path, value))

    assert [path] == [
        ".".join(str(step) for step in problem["loc"]) for problem in refusal.value.errors()
    ]


@pytest.mark.parametrize("percent", [0, 100, -5, 250])
def test_a_percentile_lies_inside(percent: float) -> None:
    """Of 0 and 100 per cent there is nothing to estimate."""
    with pytest.raises(ValidationError) as refusal:
        parsed(example(percentiles=[50, percent]))

    assert [problem["loc"] for problem in refusal.value.errors()] == [("percentiles", 1)]


def test_a_distribution_nobody_knows_is_refused() -> None:
    """With those that are known."""
    with pytest.raises(ValidationError, match="'constant', 'pert', 'lognormal'") as refusal:
        parsed(with_field("scenario.primaryLoss.distribution", "cauchy"))

    assert [problem["loc"] for problem in refusal.value.errors()] == [("scenario", "primaryLoss")]


def test_too_many_events_are_refused_with_what_would_do() -> None:
    """The refusal says how many trials would be accepted."""
    often = with_field(
        "scenario.lossEventFrequencyPerYear", {"distribution": "constant", "value": 1e6}
    )
    with pytest.raises(ValidationError, match="at most 10000") as refusal:
        parsed(often)

    (problem,) = refusal.value.errors()
    assert (problem["loc"], problem["input"]) == (("trials",), 20_000)


def test_every_problem_is_told_at_once() -> None:
    """So that a form can be mended in one go."""
    wire = with_field("scenario.primaryLoss.high", 1) | {"currency": "?"}
    wire["scenario"]["lossEventFrequencyPerYear"]["mode"] = 99

    with pytest.raises(ValidationError) as refusal:
        parsed(wire)

    assert refusal.value.error_count() == 3
