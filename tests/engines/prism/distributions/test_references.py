"""Distributions agree with printed tables, and with high-precision arithmetic in both tails."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.prism import distributions
from engines.prism.distributions import Distribution

REFERENCE = Path(__file__).parents[3] / "reference" / "prism"


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open() as file:
        return list(csv.DictReader(file))


def made(row: dict[str, str]) -> Distribution:
    family: Any = getattr(distributions, row["family"])
    distribution: Distribution = family(*json.loads(row["parameters"]))
    return distribution


def named(row: dict[str, str]) -> str:
    return " ".join(list(row.values())[:4])


@pytest.mark.parametrize("row", rows("distribution_values.csv"), ids=named)
def test_a_printed_value_is_met(row: dict[str, str]) -> None:
    """To one unit in its last digit."""
    printed = row["value"]
    unit = 10.0 ** -len(printed.partition(".")[2])

    value = getattr(made(row), row["function"])(np.array([float(row["argument"])]))

    assert value == pytest.approx(float(printed), abs=unit)


TAILS = rows("distribution_tails.csv")


@pytest.mark.parametrize("row", TAILS, ids=named)
def test_both_tails_have_twelve_digits(row: dict[str, str]) -> None:
    """However small the probability."""
    distribution, x = made(row), np.array([float(row["x"])])

    assert distribution.cdf(x) == pytest.approx(float(row["below"]), rel=1e-12)
    assert distribution.survival(x) == pytest.approx(float(row["above"]), rel=1e-12)


COUNTS = {"Poisson", "NegativeBinomial", "Binomial"}


@pytest.mark.parametrize("row", [row for row in TAILS if row["family"] not in COUNTS], ids=named)
def test_a_quantile_takes_a_tail_back_to_its_place(row: dict[str, str]) -> None:
    """To twelve digits, from the smaller of the two probabilities."""
    distribution, x = made(row), float(row["x"])
    below, above = float(row["below"]), float(row["above"])

    if below < above:
        assert distribution.quantile(np.array([below])) == pytest.approx(x, rel=1e-12)
    else:
        assert distribution.upper_quantile(np.array([above])) == pytest.approx(x, rel=1e-12)
