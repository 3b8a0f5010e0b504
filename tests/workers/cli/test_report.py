"""The report of a simulation says what its result says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engines.progress import unreported
from queues.artifacts import open_store
from tasks.prism.simulate_scenario import SimulateScenarioRequest, simulate_scenario
from tests.fleet import ROOT
from workers.cli.report import print_annual_loss

REQUEST = {
    "name": "Ten losses [of] a hundred thousand",
    "currency": "EUR",
    "scenario": {
        "lossEventFrequencyPerYear": {"distribution": "constant", "value": 10},
        "primaryLoss": {"distribution": "constant", "value": 100_000},
    },
    "engine": "monteCarlo",
    "trials": 20_000,
    "percentiles": [50, 99.9],
}


def _report(request: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    result = simulate_scenario(
        SimulateScenarioRequest.model_validate(request, strict=False),
        progress=unreported,
        artifacts=open_store(str(tmp_path)),
    )
    print_annual_loss(result.model_dump_json())
    return capsys.readouterr().out


def test_it_names_every_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Mean, percentiles, probabilities with their intervals, the curve, and the picture's path."""
    report = _report(REQUEST | {"appetite": {"annualLoss": 1_500_000}}, tmp_path, capsys)

    lines = report.splitlines()
    assert lines[0] == "Ten losses [of] a hundred thousand"
    assert lines[1] == "annual loss in EUR, 20,000 simulated years, 95% intervals"
    assert [line.split("  ")[0] for line in lines[3:6]] == [
        "mean",
        "probability of any loss",
        "probability of more than the appetite of 1,500,000",
    ]
    assert "▲ appetite" in report
    assert f"picture: file://{tmp_path}" in report


def test_an_exact_answer_says_what_its_intervals_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No confidence, but a grid; and how it was checked."""
    report = _report(REQUEST | {"engine": "auto"}, tmp_path, capsys)

    assert "annual loss in EUR, exact, with what the grid may have moved\n" in report
    assert "checked against          65,536 simulated years, " in report


def test_insurance_is_told_before_and_after(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten losses of a hundred thousand, of which the policy pays all above half a million."""
    policy = {"annualAggregate": {"deductible": 500_000}}
    report = _report(REQUEST | {"engine": "auto", "insurance": policy}, tmp_path, capsys)

    assert "mean before insurance       1,000,000" in report
    assert "mean paid by the insurance" in report
    assert "mean after insurance" in report


def test_it_does_without_what_there_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without an appetite nothing is said of one; a scenario that never costs has no picture."""
    scenario = {
        "lossEventFrequencyPerYear": {"distribution": "constant", "value": 0},
        "primaryLoss": {"distribution": "constant", "value": 1},
    }

    report = _report(REQUEST | {"scenario": scenario}, tmp_path, capsys)

    assert "probability of any loss  0.00%" in report
    assert "appetite" not in report
    assert "picture" not in report


@pytest.mark.parametrize("page", ["README.md", "docs/prism.md"])
def test_the_report_that_is_printed_in_the_docs_is_true(
    page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Line by line, from the example that it names."""
    example = json.loads((ROOT / "examples" / "ransomware.json").read_text())
    told = (ROOT / page).read_text().partition("annual loss in EUR")[2].partition("```")[0]
    lines = [line for line in told.splitlines()[1:] if line]

    report = _report(example | {"pictures": []}, tmp_path, capsys)

    assert lines
    assert set(lines) <= set(report.splitlines())
