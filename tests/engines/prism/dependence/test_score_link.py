"""The tables of scores say what the copulas' formulas say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from engines.prism.dependence.copulas import ClaytonCopula, FrankCopula, GumbelCopula
from engines.prism.dependence.score_link import (
    HIGHEST_SCORE,
    Archimedean,
    archimedean_link,
    student_t_link,
)
from engines.prism.dependence.scores import logarithm, score_archimedean, score_student_t


def psi(copula: Archimedean, x: np.ndarray) -> np.ndarray:
    """Nelsen, An Introduction to Copulas (2nd ed., Springer 2006), table 4.1: 1, 4 and 5."""
    match copula:
        case ClaytonCopula(theta):
            return (1 + x) ** (-1 / theta)
        case GumbelCopula(theta):
            return np.exp(-(x ** (1 / theta)))
        case FrankCopula(theta):
            return -np.log(1 - (1 - math.exp(-theta)) * np.exp(-x)) / theta


@pytest.mark.parametrize("freedom", [1.0, 2.5, 4.0, 30.0, 1000.0])
def test_a_t_value_has_the_score_of_its_rank(freedom: float) -> None:
    """On both sides, to two millionths, far out and near zero."""
    t = np.concatenate([np.linspace(-9, 9, 9999), np.geomspace(1e-9, 1e9, 9999)])
    scores = np.sign(t)[None, :].copy()
    score_student_t(scores, np.abs(t), student_t_link(freedom), np.empty(t.size))
    expected = special.ndtri(special.stdtr(freedom, -np.abs(t)))
    expected = np.sign(t) * np.minimum(-expected, HIGHEST_SCORE)
    inside = np.abs(expected) < 8

    assert np.abs(scores[0] - expected)[inside].max() < 2.2e-6
    assert np.abs(scores).max() <= HIGHEST_SCORE


@pytest.mark.parametrize(
    "copula",
    [
        ClaytonCopula(0.001), ClaytonCopula(2), ClaytonCopula(5), ClaytonCopula(20),
        GumbelCopula(1), GumbelCopula(2), GumbelCopula(20),
        FrankCopula(0.001), FrankCopula(5), FrankCopula(20),
    ],
)  # fmt: skip
def test_an_archimedean_value_has_the_score_of_its_rank(copula: Archimedean) -> None:
    """psi of every x whose rank is not within a millionth of 0 or 1."""
    link = archimedean_link(copula)
    x = np.linspace(link.start, link.start + (link.nodes.size - 1) / link.per_unit, 9999)
    scores = x[None, :].copy()
    score_archimedean(scores, np.zeros(x.size), link.start, link.per_unit, link.nodes)
    expected = psi(copula, np.exp(np.minimum(x, 700)))
    inside = (expected > 1e-6) & (expected < 1 - 1e-6)

    assert special.ndtr(scores[0][inside]) == pytest.approx(expected[inside], abs=3e-6)
    assert (np.diff(scores[0]) < 0).all()
    assert scores[0][[0, -1]] == pytest.approx([HIGHEST_SCORE, -HIGHEST_SCORE])


def test_logarithms_without_the_library_are_logarithms() -> None:
    """To 1e-8 from 1 to 1e16; whole powers of two exactly on a node."""
    values = np.geomspace(1, 1e16, 5000)
    logs = values.copy()
    logarithm(logs, np.log1p(np.arange(4097) / 4096))

    assert np.abs(logs - np.log(values)).max() < 1e-8
