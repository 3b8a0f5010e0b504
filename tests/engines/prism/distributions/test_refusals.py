"""An impossible distribution cannot be made; the error names the parameter at fault."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from engines.errors import InvalidInput
from engines.prism.distributions import (
    Beta,
    Binomial,
    Constant,
    Distribution,
    Empirical,
    Gamma,
    GeneralisedPareto,
    Lognormal,
    NegativeBinomial,
    Normal,
    Pert,
    Poisson,
    Triangular,
    Uniform,
)

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("make", "parameters", "field"),
    [
        (Constant, (-1.0,), "value"),
        (Constant, (NAN,), "value"),
        (Constant, (INF,), "value"),
        (Constant, (1.1e15,), "value"),
        (Pert, (-1.0, 2.0, 3.0), "low"),
        (Pert, (1.0, 0.5, 3.0), "mode"),
        (Pert, (1.0, 3.5, 3.0), "mode"),
        (Pert, (1.0, NAN, 3.0), "mode"),
        (Pert, (3.0, 3.0, 3.0), "high"),
        (Pert, (1.0, 2.0, INF), "high"),
        (Pert, (1.0, 2.0, 3.0, -1.0), "gamma"),
        (Pert, (1.0, 2.0, 3.0, 1001.0), "gamma"),
        (Pert, (1.0, 2.0, 3.0, 4.0, "excel"), "convention"),
        (Pert, (1.0, 2.0, 3.0, 0.0, "pyfair"), "gamma"),
        (Triangular, (2.0, 2.0, 2.0), "high"),
        (Triangular, (2.0, 1.0, 3.0), "mode"),
        (Triangular, (NAN, 1.0, 3.0), "low"),
        (Uniform, (2.0, 2.0), "high"),
        (Uniform, (-2.0, 2.0), "low"),
        (Uniform, (0.0, NAN), "high"),
        (Normal, (NAN, 1.0), "location"),
        (Normal, (1.0, 0.0), "standard_deviation"),
        (Normal, (1.0, NAN), "standard_deviation"),
        (Normal, (1.0, 1.0, -1.0), "low"),
        (Normal, (1.0, 1.0, 2.0, 2.0), "high"),
        (Normal, (1.0, 1.0, 0.0, NAN), "high"),
        (Normal, (-4.0, 1.0), "low"),
        (Normal, (9.0, 1.0, 0.0, 5.0), "high"),
        (Normal, (9e14, 1e15), "standard_deviation"),
        (Lognormal, (NAN, 1.0), "mu"),
        (Lognormal, (800.0, 1.0), "mu"),
        (Lognormal, (0.0, 0.0), "sigma"),
        (Lognormal, (0.0, 9.0), "sigma"),
        (Lognormal, (0.0, NAN), "sigma"),
        (Lognormal.from_interval, (0.0, 1.0), "low"),
        (Lognormal.from_interval, (2.0, 1.0), "high"),
        (Lognormal.from_interval, (1.0, 1.0), "high"),
        (Lognormal.from_interval, (1.0, NAN), "high"),
        (Lognormal.from_interval, (5e-324, 1.0), "high"),
        (Lognormal.from_moments, (0.0, 1.0), "mean"),
        (Lognormal.from_moments, (2.0, 0.0), "standard_deviation"),
        (Lognormal.from_moments, (1e10, 1e-300), "standard_deviation"),
        (Lognormal.from_moments, (NAN, 1.0), "mean"),
        (Gamma, (0.0, 1.0), "shape"),
        (Gamma, (2e6, 1.0), "shape"),
        (Gamma, (1.0, 0.0), "scale"),
        (Gamma, (1e3, 1e13), "scale"),
        (Gamma, (NAN, 1.0), "shape"),
        (Beta, (0.0, 1.0), "alpha"),
        (Beta, (1.0, NAN), "beta"),
        (Beta, (1.0, 1.0, 2.0, 1.0), "high"),
        (Beta, (1.0, 1.0, -1.0, 1.0), "low"),
        (Poisson, (-0.1,), "rate"),
        (Poisson, (NAN,), "rate"),
        (Poisson, (1e11,), "rate"),
        (NegativeBinomial, (-1.0, 1.0), "mean"),
        (NegativeBinomial, (1.0, 0.0), "size"),
        (NegativeBinomial, (1.0, INF), "size"),
        (Binomial, (0, 0.5), "trials"),
        (Binomial, (2.5, 0.5), "trials"),
        (Binomial, (NAN, 0.5), "trials"),
        (Binomial, (3, 1.1), "probability"),
        (GeneralisedPareto, (1.0, 1.0), "shape"),
        (GeneralisedPareto, (NAN, 1.0), "shape"),
        (GeneralisedPareto, (-9.0, 1.0), "shape"),
        (GeneralisedPareto, (0.1, 0.0), "scale"),
        (GeneralisedPareto, (0.9, 9e14), "scale"),
        (GeneralisedPareto, (0.1, 1.0, -1.0), "threshold"),
        (Empirical, ((),), "values"),
        (Empirical, ((1.0,) * 100_001,), "values"),
        (Empirical, ((1.0, NAN),), "values"),
        (Empirical, ((1.0, -2.0),), "values"),
        (Empirical, ((1.0, 2.0), (1.0,)), "weights"),
        (Empirical, ((1.0, 2.0), (1.0, -1.0)), "weights"),
        (Empirical, ((1.0, 2.0), (0.0, 0.0)), "weights"),
    ],
)
def test_impossible_parameters_are_refused_by_name(
    make: Callable[..., Distribution], parameters: tuple[object, ...], field: str
) -> None:
    """Whether NaN, infinite, out of bounds or out of order."""
    with pytest.raises(InvalidInput) as refusal:
        make(*parameters)

    assert field == refusal.value.field
