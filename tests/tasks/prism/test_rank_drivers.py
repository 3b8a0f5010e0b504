"""`prism.rank_drivers`, as its callers meet it: JSON in, JSON and a picture out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from engines.progress import unreported
from queues.artifacts import ArtifactStore, open_store
from tasks.prism.rank_drivers import RankDriversRequest, RankDriversResult, rank_drivers

EXAMPLE = Path(__file__).parents[3] / "examples" / "rank_drivers.json"
Wire = dict[str, Any]
Run = Callable[[Wire], RankDriversResult]


def example(**changes: object) -> Wire:
    wire: Wire = json.loads(EXAMPLE.read_text())
    return wire | {"pictures": []} | changes


def parsed(wire: Wire) -> RankDriversRequest:
    return RankDriversRequest.model_validate_json(json.dumps(wire))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    store: ArtifactStore = open_store(str(tmp_path))

    def rank(wire: Wire) -> RankDriversResult:
        result = rank_drivers(parsed(wire), progress=unreported, artifacts=store)
        assert isinstance(result, RankDriversResult)
        return result

    return rank


def one(**scenario: object) -> list[Wire]:
    return [{"id": "only", "scenario": {"primaryLoss": 1000, **scenario}}]


def test_the_example_answers_what_an_analyst_asks(run: Run) -> None:
    """Which estimate to look at first, for the mean, the tail, the variance; and a picture."""
    result = run(example(pictures=["png", "svg"]))

    assert result.percentile_tornado is not None
    assert result.percentile_tornado.percent == 95
    assert result.variance_drivers is not None
    assert result.tornado.swings[0].node == "threatCapability"
    leaves = {(swing.scenario, swing.node) for swing in result.tornado.swings}
    assert len(leaves) == 11
    assert leaves == {(each.scenario, each.node) for each in result.percentile_tornado.swings}
    assert leaves == {(each.scenario, each.node) for each in result.variance_drivers}
    assert leaves == {(each.scenario, each.node) for each in result.tail_drivers}
    assert [each.media_type for each in result.pictures] == ["image/png", "image/svg+xml"]


def test_the_parts_agree_with_each_other(run: Run) -> None:
    """The tornado's middle is the sum of the scenarios' exact means, which their shares split."""
    result = run(example(tornadoPercent=None))
    means = [each.annual_loss.mean.value for each in result.scenarios]

    assert result.percentile_tornado is None
    assert result.tornado.base == pytest.approx(sum(means), rel=1e-6)
    assert [each.share for each in result.scenarios] == pytest.approx(
        [mean / sum(means) for mean in means], rel=1e-6
    )


def test_the_same_request_gives_the_same_bytes(run: Run) -> None:
    """Another seed moves what is estimated, and nothing that is exact."""
    rate = {"distribution": "uniform", "low": 0, "high": 3}
    loss = {"distribution": "lognormal", "low": 10, "high": 900}
    wire = example(scenarios=one(lossEventFrequencyPerYear=rate, primaryLoss=loss))
    first, again, other = run(wire), run(wire), run(wire | {"seed": 9})

    assert first.model_dump_json() == again.model_dump_json()
    assert first.tail_drivers != other.tail_drivers
    assert first.tornado == other.tornado
    assert first.variance_drivers == other.variance_drivers


def test_what_is_known_drives_nothing(run: Run) -> None:
    """Lists are empty, and there is nothing to draw."""
    result = run(example(scenarios=one(lossEventFrequencyPerYear=2), pictures=["png"]))

    assert result.tornado.swings == result.tail_drivers == result.pictures == ()
    assert result.variance_drivers == ()
    assert result.tornado.base == 2000


def test_an_infinite_variance_has_no_sobol_indices(run: Run) -> None:
    """The rest is answered all the same."""
    heavy = {"distribution": "generalisedPareto", "shape": 0.7, "scale": 1000, "threshold": 0}
    wire = example(scenarios=one(lossEventFrequencyPerYear=2, primaryLoss=heavy))
    result = run(wire | {"tornadoPercent": None})

    assert result.variance_drivers is None
    assert result.tail_drivers[0].total.value == pytest.approx(1, abs=0.02)
    assert result.scenarios[0].annual_loss.standard_deviation is None


def test_product_forms_are_ranked_too(run: Run) -> None:
    """All but the tornado of a percentile."""
    loss = {"distribution": "pert", "low": 1, "mode": 2, "high": 9}
    product = one(lossEventFrequencyPerYear=loss, primaryLoss=loss, annualLossModel="product")
    result = run(example(scenarios=product, tornadoPercent=None))

    assert len(result.tornado.swings) == 2
    assert result.scenarios[0].annual_loss.probability_of_loss.value == 1
    with pytest.raises(ValidationError, match="every annualLossModel is compound") as refusal:
        parsed(example(scenarios=product))
    assert [problem["loc"] for problem in refusal.value.errors()] == [("tornadoPercent",)]


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("scenarios", [], ("scenarios",)),
        ("scenarios", one(lossEventFrequencyPerYear=1) * 2, ("scenarios", "1", "id")),
        ("scenarios", one(lossEventFrequencyPerYear=1) * 51, ("scenarios",)),
        ("lowPercent", 0, ("lowPercent",)),
        ("lowPercent", 90, ("highPercent",)),
        ("highPercent", 100, ("highPercent",)),
        ("tailPercent", 100, ("tailPercent",)),
        ("tornadoPercent", 0, ("tornadoPercent",)),
        ("seed", 2**53, ("seed",)),
        ("currency", "euro", ("currency",)),
        ("surprise", 1, ("surprise",)),
    ],
)
def test_an_impossible_value_is_refused_at_its_field(
    field: str, value: object, at: tuple[object, ...]
) -> None:
    """Before anything runs."""
    with pytest.raises(ValidationError) as refusal:
        parsed(example(**{field: value}))

    assert [problem["loc"] for problem in refusal.value.errors()] == [at]
