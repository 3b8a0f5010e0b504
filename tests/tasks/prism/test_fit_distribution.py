"""`prism.fit_distribution`, as its callers meet it: JSON in, JSON and a picture out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from engines.errors import InvalidInput
from engines.prism import distributions
from engines.prism.distributions import Distribution
from engines.progress import unreported
from queues.artifacts import ArtifactStore, open_store
from tasks.prism.fit_distribution import fit_distribution
from tasks.prism.fit_request import FitDistributionRequest
from tasks.prism.fit_result import FitDistributionResult
from tasks.prism.fitted_distribution import on_the_wire
from tasks.prism.scenario import Scenario

EXAMPLE = Path(__file__).parents[3] / "examples" / "fit_distribution.json"
Wire = dict[str, Any]


def experts(*quantiles: tuple[float, float], **others: object) -> Wire:
    """Give a request of one expert."""
    wire = [{"percent": percent, "value": value} for percent, value in quantiles]
    return {
        "name": "Cost", "evidence": {"given": "experts", "experts": [{"quantiles": wire}]}, **others
    }  # fmt: skip


def observed(*values: float, **evidence: object) -> Wire:
    """Give a request of observations, without a bootstrap."""
    terms = {"given": "observations", "kind": "amounts", "bootstrapSamples": 0}
    return {"name": "Cost", "evidence": terms | {"values": values} | evidence}


def points(low: float, mode: float, high: float, **others: object) -> Wire:
    evidence = {"given": "threePoints", "low": low, "mode": mode, "high": high}
    return {"name": "Cost", "evidence": evidence, **others}


def parsed(wire: Wire) -> FitDistributionRequest:
    return FitDistributionRequest.model_validate_json(json.dumps(wire))


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return open_store(str(tmp_path))


def run(wire: Wire, artifacts: ArtifactStore) -> FitDistributionResult:
    """Run it, and read the result back from its own JSON."""
    result = fit_distribution(parsed(wire), progress=unreported, artifacts=artifacts)
    assert isinstance(result, FitDistributionResult)
    assert result == FitDistributionResult.model_validate_json(result.model_dump_json())
    return result


def test_the_example_names_its_distribution(artifacts: ArtifactStore) -> None:
    """With its parameters, its distances, and a picture."""
    result = run(json.loads(EXAMPLE.read_text()), artifacts)
    first = result.candidates[0]

    assert (first.family, result.best, result.values_used) == ("lognormal", first.distribution, 60)
    assert first.likelihood is not None
    assert [parameter.name for parameter in first.likelihood.parameters] == ["mu", "sigma"]
    criteria = [each.likelihood.akaike_criterion for each in result.candidates if each.likelihood]
    assert criteria == sorted(criteria)
    assert {picture.media_type for picture in result.pictures} == {"image/png"}


def test_the_best_goes_into_a_scenario_as_it_is(artifacts: ArtifactStore) -> None:
    """Pasted as JSON."""
    best = json.loads(run(experts((5, 1e4), (95, 1e6)), artifacts).model_dump_json())["best"]
    scenario = {"lossEventFrequencyPerYear": 2, "primaryLoss": best}

    read = Scenario.model_validate_json(json.dumps(scenario))

    assert read.primary_loss is not None
    interval = read.primary_loss.engine().quantile(np.array([0.05, 0.95]))
    assert interval == pytest.approx([1e4, 1e6])


@pytest.mark.parametrize(
    "fitted",
    [
        distributions.Pert(1, 2, 5, 6, "pyfair"),
        distributions.Triangular(1, 2, 5),
        distributions.Uniform(1, 2),
        distributions.Normal(4, 2),
        distributions.Normal(4, 2, 1, 9),
        distributions.Lognormal(3, 0.1),
        distributions.Gamma(2, 7),
        distributions.Beta(2, 7, 1, 9),
        distributions.GeneralisedPareto(0.1, 2, 3),
        distributions.Poisson(0.3),
        distributions.NegativeBinomial(3, 0.2),
    ],
    ids=repr,
)
def test_what_is_fitted_is_what_is_written(fitted: Distribution) -> None:
    """To the bit."""
    assert on_the_wire(fitted).engine() == fitted


def test_three_points_need_no_fitting(artifacts: ArtifactStore) -> None:
    """A PERT first; no picture of nothing."""
    result = run(points(1, 2, 5, pictures=["png", "svg"]), artifacts)

    assert result.best.engine() == distributions.Pert(1, 2, 5)
    assert [candidate.family for candidate in result.candidates] == [
        "pert",
        "triangular",
        "uniform",
    ]
    assert result.pictures == ()


def test_counts_have_their_own_families(artifacts: ArtifactStore) -> None:
    """And a family of amounts is no answer."""
    counts = np.random.default_rng(3).poisson(3, 100).tolist()
    result = run(observed(*counts, kind="counts"), artifacts)

    assert {each.family for each in (*result.candidates, *result.left_out)} == {
        "poisson", "negativeBinomial"
    }  # fmt: skip


def test_several_experts_are_pooled(artifacts: ArtifactStore) -> None:
    """Into something wider than either."""
    one, other = experts((5, 1), (95, 9)), experts((5, 20), (95, 90))
    one["evidence"]["experts"] += other["evidence"]["experts"]
    result = run(one | {"pictures": ["svg"]}, artifacts)

    pairs = result.candidates[0].quantiles
    assert [(pair.percent, pair.seen) for pair in pairs] == [(5, 1), (95, 9), (5, 20), (95, 90)]
    assert [picture.media_type for picture in result.pictures] == ["image/svg+xml"]


def test_quantiles_of_a_uniform_are_of_a_uniform(artifacts: ArtifactStore) -> None:
    """Though the generalised Pareto of shape -1 is the same one."""
    result = run(experts((5, 0.45), (50, 4.5), (95, 8.55)), artifacts)

    assert [each.family for each in result.candidates[:2]] == ["uniform", "generalisedPareto"]
    assert result.best.distribution == "uniform"


TEN = tuple(range(1, 11))


@pytest.mark.parametrize(
    ("wire", "path"),
    [
        (points(2, 1, 5), "evidence.mode"),
        (points(2, 2, 2), "evidence.high"),
        (points(-2, 2, 5), "evidence.low"),
        (experts((5, 1)), "evidence.experts.0.quantiles"),
        (experts((5, 2), (95, 1)), "evidence.experts.0.quantiles"),
        (experts((95, 1), (5, 2)), "evidence.experts.0.quantiles"),
        (experts((5, 0), (95, 1)), "evidence.experts.0.quantiles.0.value"),
        (experts((0, 1), (95, 2)), "evidence.experts.0.quantiles.0.percent"),
        (experts((0.05, 1), (0.95, 2)), "evidence.experts.0.quantiles.1.percent"),
        (observed(1, 2, 3), "evidence.values"),
        (observed(*[4] * 20), "evidence.values"),
        (observed(*TEN, float("nan")), "evidence.values.10"),
        (observed(*TEN, -1), "evidence.values.10"),
        (observed(*TEN, threshold=5), "evidence.values"),
        (observed(*TEN, 0.5, kind="counts"), "evidence.values"),
        (observed(*TEN, kind="counts", threshold=1), "evidence.threshold"),
        (observed(*range(20_000), bootstrapSamples=1000), "evidence.bootstrapSamples"),
        (observed(*TEN, bootstrapSamples=10_001), "evidence.bootstrapSamples"),
        (observed(*TEN, seed=-1), "evidence.seed"),
        (observed(*TEN, kind="money"), "evidence.kind"),
        ({"name": "Cost", "evidence": {"given": "hearsay"}}, "evidence"),
        (observed(*TEN) | {"families": ["poisson"]}, "families"),
        (points(1, 2, 3, families=["pert", "pert"]), "families.1"),
        (points(1, 2, 3, families=[]), "families"),
        (points(1, 2, 3, families=["cauchy"]), "families.0"),
        (points(1, 2, 3, name="two\nlines"), "name"),
        (points(1, 2, 3, pictures=["gif"]), "pictures.0"),
    ],
)
def test_an_impossible_request_is_refused_at_its_field(wire: Wire, path: str) -> None:
    """Before anything runs."""
    with pytest.raises(ValidationError) as refusal:
        parsed(wire)

    places = [".".join(str(step) for step in one["loc"]) for one in refusal.value.errors()]
    assert path in places
    assert {place.partition(".")[0] for place in places} == {path.partition(".")[0]}


def test_families_that_all_fail_are_refused_with_their_reasons(artifacts: ArtifactStore) -> None:
    """What only the run can know."""
    with pytest.raises(InvalidInput, match="beta needs values between 0 and 1"):
        run(observed(*TEN) | {"families": ["beta"]}, artifacts)
    with pytest.raises(InvalidInput, match="pert, triangular, uniform"):
        run(points(1, 2, 3, families=["gamma"]), artifacts)
