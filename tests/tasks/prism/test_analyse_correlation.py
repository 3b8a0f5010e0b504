"""`prism.analyse_correlation`, as its callers meet it: JSON in, JSON and a picture out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from engines.errors import Stopped
from engines.progress import Progress, unreported
from queues.artifacts import ArtifactStore, open_store
from tasks.prism.analyse_correlation import (
    AnalyseCorrelationRequest,
    AnalyseCorrelationResult,
    analyse_correlation,
)

EXAMPLE = Path(__file__).parents[3] / "examples" / "analyse_correlation.json"
Wire = dict[str, Any]


def example(**changes: object) -> Wire:
    wire: Wire = json.loads(EXAMPLE.read_text())
    return wire | {"pictures": []} | changes


def parsed(wire: Wire) -> AnalyseCorrelationRequest:
    return AnalyseCorrelationRequest.model_validate_json(json.dumps(wire))


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return open_store(str(tmp_path))


def run(
    wire: Wire, artifacts: ArtifactStore, progress: Progress = unreported
) -> AnalyseCorrelationResult:
    result = analyse_correlation(parsed(wire), progress=progress, artifacts=artifacts)
    assert isinstance(result, AnalyseCorrelationResult)
    return result


def contradiction(**changes: object) -> Wire:
    """Three series, of which each pair shares other rows: two agree with the third and differ."""
    up = [float(row % 7) for row in range(30)]
    down = [-value for value in up]
    first = [*up[:20], *[None] * 10]
    second = [*up[:10], *[None] * 10, *up[20:]]
    third = [*[None] * 10, *up[10:20], *down[20:]]
    series = [
        {"name": name, "values": values}
        for name, values in (("a", first), ("b", second), ("c", third))
    ]
    return {"name": "Contradiction", "series": series, "missing": "pairwise"} | changes


def test_the_example_answers_what_an_analyst_asks(artifacts: ArtifactStore) -> None:
    """Which move together, how surely, in the tails, over time, in which groups, in a picture."""
    result = run(example(pictures=["png", "svg"]), artifacts)

    assert (result.rows, result.dropped_rows, result.pairs_measured) == (47, 1, 15)
    assert {frozenset(group) for group in result.clusters.groups} == {
        frozenset({"Phishing reports", "Malware detections", "Privileged logins failed"}),
        frozenset({"Help desk tickets", "Service outages", "Change failures"}),
    }
    assert [picture.media_type for picture in result.pictures] == ["image/png", "image/svg+xml"]
    for pair in result.pairs:
        assert pair.tail is not None
        for measured in (pair.pearson, pair.spearman, pair.kendall):
            assert measured is not None
            assert measured.lower < measured.value < measured.upper
    assert [len(pair.points) for pair in result.rolling] == [4, 4]


def test_the_result_reads_back(artifacts: ArtifactStore) -> None:
    """From its own JSON, to the bit, and a second run gives the same."""
    result = run(example(), artifacts)

    assert result == AnalyseCorrelationResult.model_validate_json(result.model_dump_json())
    assert result == run(example(), artifacts)


def test_the_strongest_pairs_come_first(artifacts: ArtifactStore) -> None:
    """By the first measure, and no more than asked for."""
    result = run(example(pairLimit=4, measures=["kendall"], tail=None), artifacts)
    strengths = [abs(pair.kendall.value) for pair in result.pairs if pair.kendall]

    assert len(strengths) == 4
    assert strengths == sorted(strengths, reverse=True)
    assert all(pair.pearson is None and pair.tail is None for pair in result.pairs)


def test_the_order_of_the_series_changes_no_number(artifacts: ArtifactStore) -> None:
    """Only the order in which they are told."""
    wire = example()
    turned = run(wire | {"series": wire["series"][::-1]}, artifacts)
    straight = run(wire, artifacts)

    for ours, theirs in zip(straight.correlations, turned.correlations, strict=True):
        expected = np.array(ours.matrix)[::-1, ::-1]
        assert np.array(theirs.matrix) == pytest.approx(expected, abs=1e-12)


def test_pairwise_correlations_may_contradict_each_other(artifacts: ArtifactStore) -> None:
    """a moves with b and with c, b against c: said, and mended only when asked."""
    (told,) = run(contradiction(measures=["pearson"]), artifacts).correlations
    (mended,) = run(contradiction(measures=["pearson"], repair=True), artifacts).correlations

    assert np.array(told.matrix) == pytest.approx(np.array([[1, 1, 1], [1, 1, -1], [1, -1, 1]]))
    assert (told.positive_semidefinite, told.repair_distance) == (False, None)
    assert told.smallest_eigenvalue == pytest.approx(-1)
    # The nearest lies on the way to no correlation: every entry is a half.
    assert np.abs(np.array(mended.matrix) - np.eye(3)).max() == pytest.approx(0.5)
    assert mended.repair_distance == pytest.approx(6**0.5 / 2)
    assert np.linalg.eigvalsh(np.array(mended.matrix))[0] > -1e-12


def test_shrinkage_needs_complete_rows(artifacts: ArtifactStore) -> None:
    """It is null where pairs are measured on different rows."""
    assert run(contradiction(), artifacts).shrunk is None
    assert run(example(), artifacts).shrunk is not None


def test_an_analysis_can_be_stopped(artifacts: ArtifactStore) -> None:
    """At every pair, and what it reports grows from nothing to one."""
    seen: list[float] = []

    def watch(fraction: float, message: str = "") -> None:
        seen.append(fraction)
        if fraction > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        run(example(), artifacts, watch)
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-2] <= 0.5


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"missing": "refuse"}, "series.3.values.17", "a value, or `missing`"),
        ({"series": []}, "series", "at least 2"),
        ({"measures": []}, "measures", "at least 1"),
        ({"measures": ["pearson", "pearson"]}, "measures", "each once"),
        ({"togetherAt": 1.5}, "togetherAt", "less than or equal to 1"),
        ({"dates": ["2022-01-01"]}, "dates", "48 dates"),
        ({"rolling": {"window": 48, "pairs": [["x", "y"]]}}, "rolling.pairs.0", "names of series"),
        (
            {"rolling": {"window": 48, "pairs": [["Service outages"] * 2]}},
            "rolling.pairs.0",
            "two different",
        ),
        (
            {"rolling": {"window": 48, "pairs": [["Service outages", "Change failures"]]}},
            "rolling.window",
            "at most the 47 rows",
        ),
        ({"tail": {"threshold": 0.95}}, "tail.threshold", "at least 5 of 47"),
        ({"pairLimit": 0}, "pairLimit", "greater than or equal to 1"),
        ({"unknown": 1}, "unknown", "not permitted"),
    ],
)
def test_what_cannot_be_analysed_is_refused(changes: Wire, field: str, says: str) -> None:
    """Before anything runs, at the field where it is."""
    with pytest.raises(ValidationError) as refusal:
        parsed(example(**changes))
    (problem,) = refusal.value.errors()
    assert ".".join(map(str, problem["loc"])) == field
    assert says in problem["msg"]


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ([1.0] * 48, "series.0.values", "values that vary"),
        ([1.0, 2.0] * 23, "series.1.values", "46 values"),
        ([1.0, 1e300] * 24, "series.0.values.1", "less than or equal to"),
        ([1.0, "2"] * 24, "series.0.values.1", "valid number"),
    ],
)
def test_a_series_that_is_none_is_refused(values: list[object], field: str, says: str) -> None:
    """Constant, of another length, huge, or of text."""
    wire = example()
    wire["series"][0] = {"name": "Odd", "values": values}
    with pytest.raises(ValidationError) as refusal:
        parsed(wire)
    problem = refusal.value.errors()[0]
    assert ".".join(map(str, problem["loc"])) == field
    assert says in problem["msg"]
