"""A copula that cannot be is refused by its field, and says what could be."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from engines.errors import InvalidInput
from engines.prism.dependence.copulas import (
    MAX_DENSE,
    ClaytonCopula,
    Copula,
    Correlation,
    CorrelationMeasure,
    Dependence,
    FrankCopula,
    GaussianCopula,
    GumbelCopula,
    StudentTCopula,
)

PEARSON, SPEARMAN, KENDALL = CorrelationMeasure
CONTRADICTION = ((1.0, 0.9, 0.9), (0.9, 1.0, -0.9), (0.9, -0.9, 1.0))


def pair(of: float, measure: CorrelationMeasure = PEARSON) -> Correlation:
    """Of two scenarios."""
    return Correlation(matrix=((1.0, of), (of, 1.0)), measure=measure)


@pytest.mark.parametrize(
    ("measure", "inside"),
    [
        (PEARSON, 0.5),
        (SPEARMAN, 2 * math.sin(math.pi * 0.5 / 6)),
        (KENDALL, math.sin(math.pi * 0.5 / 2)),
    ],
)
def test_each_measure_has_its_correlation_inside(
    measure: CorrelationMeasure, inside: float
) -> None:
    """Pearson as it is, Spearman and Kendall through their sines; nothing is repaired."""
    matrix, distance = pair(0.5, measure).inside()

    assert matrix == pytest.approx(np.array([[1, inside], [inside, 1]]))
    assert distance == 0


@pytest.mark.parametrize("measure", CorrelationMeasure)
def test_perfect_correlation_stays_perfect(measure: CorrelationMeasure) -> None:
    """Whatever the measure, and with ones on the diagonal."""
    matrix, _ = pair(-1.0, measure).inside()

    assert matrix == pytest.approx(np.array([[1, -1], [-1, 1]]))


def test_contradictions_are_refused_with_the_smallest_eigenvalue() -> None:
    """-0.8 for 0.9, 0.9 and -0.9."""
    with pytest.raises(InvalidInput, match=r"smallest eigenvalue -0\.8"):
        Correlation(matrix=CONTRADICTION, measure=PEARSON)


def test_contradictions_are_repaired_when_asked() -> None:
    """To a possible matrix, at the distance that is told."""
    asked = Correlation(matrix=CONTRADICTION, measure=PEARSON, repair=True)
    matrix, distance = asked.inside()

    assert np.linalg.eigvalsh(matrix)[0] > -1e-9
    assert distance == pytest.approx(np.linalg.norm(matrix - np.array(CONTRADICTION)))
    assert distance > 0


def test_a_possible_matrix_of_ranks_may_be_impossible_inside() -> None:
    """Spearman's correlations are checked as they come out, not as they went in."""
    rows = ((1.0, 0.0, math.sqrt(0.5)), (0.0, 1.0, math.sqrt(0.5)), (math.sqrt(0.5),) * 2 + (1.0,))

    assert np.linalg.eigvalsh(np.array(rows))[0] > -1e-9
    with pytest.raises(InvalidInput, match="smallest eigenvalue"):
        Correlation(matrix=rows, measure=SPEARMAN)


def test_a_t_copula_takes_no_spearman() -> None:
    """There is no closed form; Kendall's is exact."""
    with pytest.raises(InvalidInput, match="kendall or pearson") as refusal:
        StudentTCopula(correlation=pair(0.5, SPEARMAN), degrees_of_freedom=4)

    assert refusal.value.field == "correlation.measure"


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda x: ClaytonCopula(x), "theta"),
        (lambda x: GumbelCopula(x), "theta"),
        (lambda x: FrankCopula(x), "theta"),
        (
            lambda x: StudentTCopula(correlation=pair(0.5), degrees_of_freedom=x),
            "degrees_of_freedom",
        ),
    ],
)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, -1e9, 1e9])
def test_impossible_parameters_are_refused(
    make: Callable[[float], Copula], field: str, value: float
) -> None:
    """With the range, and what was received."""
    with pytest.raises(InvalidInput, match="expected from") as refusal:
        make(value)

    assert refusal.value.field == field
    assert str(refusal.value.received) == str(value)


@pytest.mark.parametrize("make", [ClaytonCopula, GumbelCopula])
def test_only_frank_opposes(make: Callable[[float], Copula]) -> None:
    """A negative theta of the others would join two at most, and is refused."""
    with pytest.raises(InvalidInput, match="theta"):
        make(-0.5)


def test_three_cannot_be_opposed_to_each_other() -> None:
    """A negative Frank copula joins two."""
    opposed = Dependence(copula=FrankCopula(-2.0))
    opposed.check_size(2)

    with pytest.raises(InvalidInput) as refusal:
        opposed.check_size(3)
    assert refusal.value.field == "dependence.copula.theta"


def test_the_matrix_has_a_row_for_each_scenario() -> None:
    """Or is refused with both numbers."""
    dependence = Dependence(copula=GaussianCopula(pair(0.5)))
    dependence.check_size(2)

    with pytest.raises(InvalidInput, match="each of the 4 scenarios, received 2 rows"):
        dependence.check_size(4)


@pytest.mark.parametrize("copula", [ClaytonCopula(1.0), GumbelCopula(2.0), FrankCopula(2.0)])
def test_no_more_are_joined_than_can_be(copula: Copula) -> None:
    """Up to the limit, and not one more."""
    dependence = Dependence(copula=copula)
    dependence.check_size(MAX_DENSE)

    with pytest.raises(InvalidInput) as refusal:
        dependence.check_size(MAX_DENSE + 1)
    assert refusal.value.field == "scenarios"


@pytest.mark.parametrize("rows", [0, MAX_DENSE + 1])
def test_a_matrix_has_a_size(rows: int) -> None:
    """From one row to the limit."""
    with pytest.raises(InvalidInput, match="from 1 to"):
        Correlation(matrix=tuple(map(tuple, np.eye(rows).tolist())), measure=PEARSON)
