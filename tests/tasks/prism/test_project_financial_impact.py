"""`prism.project_financial_impact`, as its callers meet it: JSON in, JSON out."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from engines.progress import unreported
from tasks.prism.project_financial_impact import (
    ProjectFinancialImpactRequest,
    ProjectFinancialImpactResult,
    project_financial_impact,
)

EXAMPLE = Path(__file__).parents[3] / "examples" / "project_financial_impact.json"
Wire = dict[str, Any]


def example(**changes: object) -> Wire:
    wire: Wire = json.loads(EXAMPLE.read_text())
    return wire | changes


def plain(**changes: object) -> Wire:
    """One loss of 1,000 a year, one control for 1,500 that avoids it all, two years at 10%."""
    wire = {
        "name": "Plain",
        "currency": "EUR",
        "valuationDate": "2026-01-01",
        "years": 2,
        "timing": "endOfYear",
        "prices": "current",
        "rates": "nominal",
        "discountCurve": {"curve": "flatRate", "rate": 0.1},
        "losses": [{"name": "loss", "currency": "EUR", "annualLoss": 1000}],
        "controls": [
            {"name": "all", "currency": "EUR", "atStart": 1500, "runningCosts": [0],
             "effectiveness": [1]}
        ],
    }  # fmt: skip
    return wire | changes


def parsed(wire: Wire) -> ProjectFinancialImpactRequest:
    return ProjectFinancialImpactRequest.model_validate_json(json.dumps(wire))


def run(wire: Wire) -> ProjectFinancialImpactResult:
    result = project_financial_impact(parsed(wire), progress=unreported)
    assert isinstance(result, ProjectFinancialImpactResult)
    return result


def test_a_plain_plan_is_what_a_textbook_makes_of_it() -> None:
    """1,000 / 1.1 + 1,000 / 1.21 = 1,735.54 is saved for 1,500."""
    together = run(plain()).together

    assert round(together.losses_before, 2) == 1735.54
    assert (together.losses_after, together.costs) == (0, 1500)
    assert round(together.net_present_value, 2) == 235.54
    assert together.rosi == pytest.approx(235.54 / 1500, rel=1e-4)
    # 909.09 after one year, and 590.91 of the 826.45 of the second.
    assert together.payback_years == pytest.approx(1 + 590.91 / 826.45, rel=1e-4)
    # 1,500 x^2 = 1,000 x + 1,000 for x = 1 + rate.
    rate = (1 + math.sqrt(7)) / 3 - 1
    assert together.internal_rate_of_return.status == "unique"
    assert together.internal_rate_of_return.rate == pytest.approx(rate)


def test_the_example_answers_what_an_analyst_asks() -> None:
    """By year, for all controls and for each, expected and simulated, with intervals."""
    result = run(example())

    assert [year.year for year in result.years] == [1, 2, 3, 4, 5]
    assert [control.name for control in result.controls] == [
        "Endpoint detection", "Offline backups",
    ]  # fmt: skip
    assert result.uncertainty is not None
    simulated = result.uncertainty.net_present_value
    half = (simulated.mean.upper or 0) - simulated.mean.value
    assert abs(simulated.mean.value - result.together.net_present_value) < 5 / 1.96 * half
    values = [percentile.value for percentile in simulated.percentiles]
    assert values == sorted(values)


def test_the_result_reads_back() -> None:
    """From its own JSON, to the bit, and a second run gives the same."""
    result = run(example())

    again = ProjectFinancialImpactResult.model_validate_json(result.model_dump_json())
    assert result == again == run(example())


def test_simulation_changes_no_expected_value() -> None:
    """It is beside them."""
    without = run(example(simulation=None))

    apart = {"uncertainty", "provenance"}
    assert (without.uncertainty, without.provenance.seed) == (None, None)
    assert without.model_dump(exclude=apart) == run(example()).model_dump(exclude=apart)


@pytest.mark.parametrize(
    "curve",
    [
        {"curve": "flatRate", "rate": math.log(1.1), "compounding": "continuous"},
        {"curve": "zeroRates", "points": [
            {"tenor": "1Y", "rate": 0.1}, {"tenor": "24M", "rate": 0.1}]},
        {"curve": "zeroRates", "points": [{"date": "2028-01-01", "rate": 0.1}]},
        {"curve": "discountFactors", "points": [
            {"date": "2027-01-01", "factor": 1 / 1.1}, {"date": "2028-01-01", "factor": 1 / 1.21}]},
    ],
    ids=["continuous", "tenors", "dates", "factors"],
)  # fmt: skip
def test_a_curve_can_be_given_in_many_ways(curve: Wire) -> None:
    """The same rates, the same values."""
    assert run(plain(discountCurve=curve)).together.net_present_value == pytest.approx(
        run(plain()).together.net_present_value
    )


def test_real_and_nominal_rates_agree() -> None:
    """Two per cent of inflation on eight per cent real are 10.16% nominal (Fisher)."""
    nominal = plain(
        prices="constant",
        inflationPerYear=[0.02],
        discountCurve={"curve": "flatRate", "rate": 1.08 * 1.02 - 1},
    )
    real = plain(prices="constant", rates="real", discountCurve={"curve": "flatRate", "rate": 0.08})

    assert run(nominal).together.net_present_value == pytest.approx(
        run(real).together.net_present_value
    )


def test_currencies_are_converted_at_the_stated_rate() -> None:
    """A loss of 1,250 dollars at 0.8 is one of 1,000 euro."""
    losses = [{"name": "loss", "currency": "USD", "annualLoss": 1250}]
    rates = [{"base": "USD", "quote": "EUR", "rate": 0.8}]

    converted = run(plain(losses=losses, exchangeRates=rates))

    apart = {"provenance"}
    assert converted.model_dump(exclude=apart) == run(plain()).model_dump(exclude=apart)


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"years": 0}, "years", "greater than or equal to 1"),
        ({"years": 51}, "years", "less than or equal to 50"),
        ({"currency": "Euro"}, "currency", "pattern"),
        ({"valuationDate": "yesterday"}, "valuationDate", "date"),
        ({"inflationPerYear": [0.02]}, "inflationPerYear", "take no inflation"),
        ({"prices": "constant"}, "inflationPerYear", "an inflation, to bring"),
        (
            {"prices": "constant", "inflationPerYear": [0.02] * 3},
            "inflationPerYear",
            "one value, or 2",
        ),
        ({"losses": []}, "losses", "at least 1"),
        ({"discountCurve": {"curve": "flatRate", "rate": 10.5}}, "discountCurve.rate", "10"),
        (
            {"discountCurve": {"curve": "flatRate", "rate": 0.1, "rates": 1}},
            "discountCurve.rates",
            "not permitted",
        ),
        (
            {"discountCurve": {"curve": "zeroRates", "points": [{"tenor": "1Y", "rate": 0.1}]}},
            "discountCurve",
            "a curve that reaches 2028-01-01, or extrapolation",
        ),
        (
            {"discountCurve": {"curve": "zeroRates", "points": [{"rate": 0.1}]}},
            "discountCurve.points.0",
            "a date or a tenor",
        ),
        (
            {"discountCurve": {"curve": "zeroRates", "points": [{"date": 5, "rate": 0.1}]}},
            "discountCurve.points.0.date",
            "a day as",
        ),
        (
            {
                "discountCurve": {
                    "curve": "discountFactors",
                    "points": [{"date": "2026-01-01", "factor": 1}],
                }
            },
            "discountCurve.points.0.date",
            "after the reference date",
        ),
        ({"currency": "USD"}, "losses.0.currency", "a rate to USD"),
        ({"valuationDate": "1890-01-01"}, "valuationDate", "1901-01-01"),
        ({"valuationDate": "9999-12-31"}, "valuationDate", "2199-12-31"),
        (
            {"exchangeRates": [{"base": "USD", "quote": "EUR", "rate": 0}]},
            "exchangeRates.0.rate",
            "greater than 0",
        ),
        (
            {"exchangeRates": [{"base": "USD", "quote": "EUR", "rate": 1}] * 2},
            "exchangeRates.1",
            "one rate for each pair",
        ),
        ({"simulation": {"trials": 10}}, "simulation.trials", "1000"),
        ({"simulation": {"autocorrelation": 1}}, "simulation.autocorrelation", "less than 1"),
    ],
)
def test_what_cannot_be_projected_is_refused(changes: Wire, field: str, says: str) -> None:
    """Before anything runs, at the field where it is."""
    with pytest.raises(ValidationError) as refusal:
        parsed(plain(**changes))
    problem = refusal.value.errors()[0]
    assert ".".join(map(str, problem["loc"])) == field
    assert says in problem["msg"]


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"atStart": -1}, "atStart", "greater than or equal to 0"),
        ({"runningCosts": []}, "runningCosts", "at least 1"),
        ({"runningCosts": [1, 2, 3]}, "runningCosts", "one value, or 2"),
        ({"effectiveness": [1.5]}, "effectiveness.0", "less than or equal to 1"),
        ({"actsOn": ["weather"]}, "actsOn", "names of losses"),
        ({"actsOn": ["loss", "loss"]}, "actsOn.1", "each once"),
        ({"currency": "GBP"}, "currency", "a rate to EUR"),
    ],
)
def test_a_control_that_is_none_is_refused(changes: Wire, field: str, says: str) -> None:
    """At its place in the list."""
    wire = plain()
    wire["controls"][0] |= changes
    with pytest.raises(ValidationError) as refusal:
        parsed(wire)
    problem = refusal.value.errors()[0]
    assert ".".join(map(str, problem["loc"])) == f"controls.0.{field}"
    assert says in problem["msg"]
