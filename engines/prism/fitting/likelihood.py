"""Maximum likelihood: the parameters, how sure they are, and how well they do."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.distributions import Distribution, Floats
from engines.prism.fitting.model import DoesNotFit, Model

_STEP: Final = 0.02
"""Of a standard error: the third derivative shows in the sixth digit, rounding later still."""


@dataclass(frozen=True, kw_only=True)
class LikelihoodFit:
    """A family with the parameters that make the values most likely."""

    model: Model
    values: tuple[float, ...]
    """Of the parameters, in the order of the model."""
    standard_errors: tuple[float, ...] | None
    """None where the likelihood is too flat for them."""
    distribution: Distribution
    log_likelihood: float
    akaike: float
    """2 k - 2 log L for k parameters: Akaike, IEEE Transactions on Automatic Control 19, 1974."""
    bayes: float
    """k log n - 2 log L: Schwarz, Annals of Statistics 6, 1978."""


def maximum_likelihood(model: Model, values: Floats) -> LikelihoodFit:
    """Fit a family; `DoesNotFit` where it cannot take the values or has no maximum for them."""
    wanted = model.takes(values)
    if wanted is not None:
        raise DoesNotFit(wanted)
    parameters = model.estimate(values)
    model.check(values, parameters)
    try:
        distribution = model.make(*parameters)
    except InvalidInput as refusal:
        raise DoesNotFit(f"would need {refusal.field} {refusal.expected}") from refusal
    log_likelihood = float(model.log_density(values, *parameters).sum())
    count = len(parameters)
    return LikelihoodFit(
        model=model,
        values=parameters,
        standard_errors=_standard_errors(model, values, parameters),
        distribution=distribution,
        log_likelihood=log_likelihood,
        akaike=2 * count - 2 * log_likelihood,
        bayes=count * math.log(values.size) - 2 * log_likelihood,
    )


def _standard_errors(
    model: Model, values: Floats, parameters: tuple[float, ...]
) -> tuple[float, ...] | None:
    """Give the square roots of the diagonal of the inverse observed information.

    Source: Loss Models (4th ed.), section 13.3 (variance of maximum likelihood estimators). The
    second derivatives are differences over a small part of a standard error.
    """
    best = np.array(parameters)

    def log_likelihood(at: Floats) -> float:
        try:
            with np.errstate(invalid="ignore", divide="ignore"):
                return float(model.log_density(values, *at).sum())
        except ValueError:  # a step beyond where the family ends: a logarithm of less than 0
            return math.nan

    steps = 1e-4 * np.maximum(np.abs(best), 1e-4 * float(np.abs(best).max()))
    for _ in range(2):  # the first round only finds how wide a standard error is
        information = -_second_differences(log_likelihood, best, steps)
        curvature = np.diag(information)
        if not (np.isfinite(information).all() and (curvature > 0).all()):
            return None
        steps = _STEP / np.sqrt(curvature)
    try:
        variances = np.diag(np.linalg.inv(information))
    except np.linalg.LinAlgError:
        return None
    return tuple(np.sqrt(variances).tolist()) if (variances > 0).all() else None


def _second_differences(function: Callable[[Floats], float], at: Floats, steps: Floats) -> Floats:
    size = at.size
    matrix = np.empty((size, size))
    middle = function(at)
    shifts = np.diag(steps)
    for i in range(size):
        ends = function(at + shifts[i]) + function(at - shifts[i])
        matrix[i, i] = (ends - 2 * middle) / steps[i] ** 2
        for j in range(i):
            same = function(at + shifts[i] + shifts[j]) + function(at - shifts[i] - shifts[j])
            cross = function(at + shifts[i] - shifts[j]) + function(at - shifts[i] + shifts[j])
            matrix[i, j] = matrix[j, i] = (same - cross) / (4 * steps[i] * steps[j])
    return matrix
