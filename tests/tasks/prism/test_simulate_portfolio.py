"""`prism.simulate_portfolio`, as its callers meet it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from engines.prism.dependence.joint_tables import tabulate_jointly
from engines.progress import unreported
from queues.artifacts import ArtifactStore
from tasks.prism.annual_loss_answer import merge
from tasks.prism.annual_loss_result import AnnualLossResult
from tasks.prism.annual_loss_shard import ShardResult, shard_requests, simulate_shard
from tasks.prism.simulate_portfolio import SimulatePortfolioRequest, simulate_portfolio

EXAMPLE = Path(__file__).parents[3] / "examples" / "simulate_portfolio.json"
Wire = dict[str, Any]


def example(**changes: object) -> Wire:
    wire: Wire = json.loads(EXAMPLE.read_text())
    return wire | {"trials": 50_000, "pictures": []} | changes


def correlated(rows: list[list[float]], **changes: object) -> Wire:
    correlation = {"matrix": rows, "measure": "pearson"} | changes
    return {"copula": {"copula": "gaussian", "correlation": correlation}}


def parsed(wire: Wire) -> SimulatePortfolioRequest:
    return SimulatePortfolioRequest.model_validate_json(json.dumps(wire))


def run(wire: Wire, artifacts: ArtifactStore) -> AnnualLossResult:
    result = simulate_portfolio(parsed(wire), progress=unreported, artifacts=artifacts)
    assert isinstance(result, AnnualLossResult)
    return result


def refused_at(wire: Wire) -> list[str]:
    with pytest.raises(ValidationError) as refusal:
        parsed(wire)
    return [".".join(map(str, problem["loc"])) for problem in refusal.value.errors()]


CONTRADICTION = [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]
COPULAS = {
    "gaussian": correlated([[1, 0.5, 0.1], [0.5, 1, 0.1], [0.1, 0.1, 1]])["copula"],
    "student t": {
        "copula": "studentT",
        "degreesOfFreedom": 4,
        "correlation": {"matrix": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "measure": "kendall"},
    },
    "clayton": {"copula": "clayton", "theta": 2},
    "gumbel": {"copula": "gumbel", "theta": 2},
    "frank": {"copula": "frank", "theta": 5},
}


@pytest.mark.parametrize("engine", ["analytic", "monteCarlo"])
def test_independent_scenarios_add_up(engine: str, artifacts: ArtifactStore) -> None:
    """The mean of the whole is the sum of the means of scenarios computed one by one."""
    wire = example(engine=engine, dependence=None, insurance=None, trials=400_000)
    whole = run(wire, artifacts)
    alone = [
        run(wire | {"engine": "analytic", "scenarios": [each]}, artifacts).gross.mean.value
        for each in wire["scenarios"]
    ]

    assert whole.gross.mean.lower is not None
    assert whole.gross.mean.upper is not None
    error = (whole.gross.mean.upper - whole.gross.mean.lower) / 2 / 1.96
    assert abs(whole.gross.mean.value - sum(alone)) <= max(5 * error, 1e-9 * sum(alone))
    assert [part.part for part in whole.by_scenario] == [each["id"] for each in wire["scenarios"]]
    for part, mean in zip(whole.by_scenario, alone, strict=True):
        assert part.mean == pytest.approx(mean, rel=0.05)


@pytest.mark.parametrize("of", ["annualLoss", "frequency"])
@pytest.mark.parametrize("copula", COPULAS)
def test_dependence_keeps_the_mean(copula: str, of: str, artifacts: ArtifactStore) -> None:
    """Whatever the copula joins, the mean is that of independence, and the tail is no thinner."""
    alone = run(example(dependence=None, insurance=None, engine="analytic"), artifacts).gross
    dependence = {"copula": COPULAS[copula], "of": of}
    joined = run(example(dependence=dependence, insurance=None), artifacts)

    mean, tail = joined.gross.mean, joined.gross.tail_risk[0].tail_value_at_risk
    assert joined.engine.name == "copula"
    assert mean.lower is not None
    assert mean.upper is not None
    assert abs(mean.value - alone.mean.value) <= 5 * (mean.upper - mean.lower) / 2 / 1.96
    assert tail.upper is not None
    assert tail.upper > alone.tail_risk[0].tail_value_at_risk.value


@pytest.mark.parametrize("of", ["annualLoss", "frequency"])
def test_shards_of_joined_years_give_the_result_of_one_run(
    of: str, artifacts: ArtifactStore
) -> None:
    """Bit for bit; the copula's tables travel like any other."""
    dependence = {"copula": COPULAS["student t"], "of": of}
    wire = example(dependence=dependence)
    request = parsed(wire)
    joined = request.joined_by()
    assert joined is not None
    tables = tabulate_jointly(
        request.portfolio(), joined, amounts=request.amounts, contributions=True
    )
    shards = shard_requests(
        tables, seed=request.seed, trials=request.trials, shards=3, artifacts=artifacts
    )
    answers = [simulate_shard(shard, progress=unreported, artifacts=artifacts) for shard in shards]
    returned = [ShardResult.model_validate_json(each.model_dump_json()) for each in answers]

    assert run(wire, artifacts) == merge(request, returned, artifacts=artifacts)


def test_contradicting_correlations_are_refused_or_repaired(artifacts: ArtifactStore) -> None:
    """With the smallest eigenvalue, or with the distance to the nearest possible matrix."""
    with pytest.raises(ValidationError, match="contradict") as refusal:
        parsed(example(dependence=correlated(CONTRADICTION)))
    (problem,) = refusal.value.errors()
    repaired = run(example(dependence=correlated(CONTRADICTION, repair=True)), artifacts)

    assert problem["loc"] == ("dependence", "copula", "correlation", "matrix")
    # det(C - x I) = 0 at 1.9 (twice) and at 3 - 2 * 1.9.
    assert "-0.8" in str(problem["input"])
    assert repaired.engine.correlation_repair_distance is not None
    assert repaired.engine.correlation_repair_distance > 0.1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scenarios": []}, "scenarios"),
        ({"dependence": correlated([[1, 0.2], [0.2, 1]])}, "dependence.copula.correlation.matrix"),
        ({"dependence": correlated([[1, 2], [2, 1]])}, "dependence.copula.correlation.matrix.0.1"),
        (
            {"dependence": correlated([[1, 0.2], [0.3, 1]])},
            "dependence.copula.correlation.matrix.0.1",
        ),
        (
            {"dependence": {"copula": {"copula": "gumbel", "theta": 0.5}}},
            "dependence.copula.theta",
        ),
        ({"dependence": {"copula": {"copula": "frank", "theta": -2}}}, "dependence.copula.theta"),
        ({"engine": "monteCarlo"}, "engine"),
        ({"engine": "copula", "dependence": None}, "engine"),
        ({"currency": "EUR USD"}, "currency"),
    ],
)
def test_an_impossible_portfolio_is_refused_at_its_field(changes: Wire, field: str) -> None:
    """By name, before anything runs."""
    assert refused_at(example(**changes))[0] == field


def test_an_id_comes_once() -> None:
    """Two scenarios of one id could not be told apart in the result."""
    wire = example(dependence=None)
    wire["scenarios"][1]["id"] = wire["scenarios"][0]["id"]

    assert refused_at(wire) == ["scenarios.1.id"]


def test_a_hundred_scenarios_may_depend_on_each_other() -> None:
    """And a thousand may stand side by side; one more is refused with the number."""
    one = example()["scenarios"][2]

    def many(count: int, **changes: object) -> Wire:
        scenarios = [one | {"id": str(number)} for number in range(count)]
        return example(scenarios=scenarios, **changes)

    gumbel = {"copula": {"copula": "gumbel", "theta": 2}}
    parsed(many(100, dependence=gumbel))
    parsed(many(1000, dependence=None))

    with pytest.raises(ValidationError, match="at most 100 that depend on each other"):
        parsed(many(101, dependence=gumbel))
    assert refused_at(many(1001, dependence=None)) == ["scenarios"]
