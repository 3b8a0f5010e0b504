"""Student t losses, fitted by maximum likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, digamma, polygamma, stdtrit

from engines.errors import InvalidInput
from engines.prism.market_risk.forecast import (
    Caution,
    Forecast,
    Matrix,
    RiskEstimate,
    Vector,
    tail_of,
    varying_total,
)

LEAST_FREEDOM, MOST_FREEDOM = 1.05, 200.0
"""Below, ES is not to be had (at 1 the mean is infinite); above, a t cannot be told from a
normal by any sample that is accepted, and the likelihood is flat."""


@dataclass(frozen=True)
class StudentT:
    """Parametric VaR with a location, a scale and degrees of freedom."""

    def shortest(self, percent: float) -> int:
        """Give 100: a choice; with fewer the degrees of freedom are all but unknown."""
        return 100

    def fit(self, sample: Matrix) -> StudentTLoss:
        losses = varying_total(sample)
        return fit_student_t(losses)


@dataclass(frozen=True)
class StudentTLoss:
    """A Student t distribution of the next loss."""

    location: float
    scale: float
    freedom: float
    count: int

    @property
    def parameters(self) -> Mapping[str, float]:
        return {
            "location": self.location,
            "scale": self.scale,
            "degreesOfFreedom": self.freedom,
        }

    @property
    def cautions(self) -> tuple[Caution, ...]:
        inside = LEAST_FREEDOM * 1.001 < self.freedom < MOST_FREEDOM * 0.999
        return () if inside else ("tailAtBound",)

    def forecast(self, percent: float) -> Forecast:
        """Give VaR and ES with standard errors by the delta method.

        Source: McNeil, Frey and Embrechts, Quantitative Risk Management (rev. ed., Princeton
        2015), section 2.3.
        """
        return Forecast(
            percent=percent,
            value_at_risk=self._estimate(_quantile, percent),
            expected_shortfall=self._estimate(_shortfall, percent),
        )

    def moved_to(self, losses: Vector) -> StudentTLoss:
        return self

    def _estimate(
        self, multiple_at: Callable[[float, float], float], percent: float
    ) -> RiskEstimate:
        multiple = multiple_at(self.freedom, percent)
        value = self.location + self.scale * multiple
        if self.cautions:  # at a bound the estimates are not normal, however large the sample
            return RiskEstimate(value)
        step = 1e-4 * self.freedom
        slope = (
            multiple_at(self.freedom + step, percent) - multiple_at(self.freedom - step, percent)
        ) / (2 * step)
        gradient = np.array([1.0, multiple, self.scale * slope])
        information = self.count * expected_information(self.scale, self.freedom)
        return RiskEstimate.of_error(
            value, math.sqrt(gradient @ np.linalg.solve(information, gradient))
        )


def fit_student_t(losses: Vector) -> StudentTLoss:
    """Give the maximum of the likelihood over location, scale and degrees of freedom.

    Raises `InvalidInput` where more than half of the losses are equal: there is no maximum.
    """
    centre, spread = float(np.median(losses)), float(losses.std())
    if 2 * np.count_nonzero(losses == centre) > losses.size:
        # As the scale goes to nothing around that value the likelihood grows without end.
        raise InvalidInput(
            "returns", expected="at most half of the losses equal", received="more than half"
        )
    standard = (losses - centre) / spread

    def badness(point: Vector) -> tuple[float, Vector]:
        """The negative log likelihood a period at (location, ln scale, ln freedom), and slopes."""
        location, scale, freedom = point[0], math.exp(point[1]), math.exp(point[2])
        z = (standard - location) / scale
        square = z * z
        bend = np.log1p(square / freedom)
        weight = (freedom + 1) / (freedom + square)
        value = (
            point[1]
            + point[2] / 2
            + betaln(freedom / 2, 0.5)
            + (freedom + 1) / 2 * float(bend.mean())
        )
        by_freedom = 0.5 * (
            1 / freedom
            + digamma(freedom / 2)
            - digamma((freedom + 1) / 2)
            + float(bend.mean())
            - float((weight * square).mean()) / freedom
        )
        slopes = [
            -float((weight * z).mean()) / scale,
            1 - float((weight * square).mean()),
            by_freedom * freedom,
        ]
        return value, np.array(slopes)

    bounds = [(-10.0, 10.0), (-25.0, 5.0), (math.log(LEAST_FREEDOM), math.log(MOST_FREEDOM))]
    start = np.array([0.0, math.log(0.8), math.log(5.0)])
    found = minimize(
        badness, start, jac=True, bounds=bounds, method="L-BFGS-B",
        options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 500},
    )  # fmt: skip
    location, log_scale, log_freedom = (float(each) for each in found.x)
    return StudentTLoss(
        location=centre + spread * location,
        scale=spread * math.exp(log_scale),
        freedom=math.exp(log_freedom),
        count=losses.size,
    )


def expected_information(scale: float, freedom: float) -> Matrix:
    """Give Fisher's information of one period on (location, scale, degrees of freedom).

    Source: Lange, Little and Taylor, Journal of the American Statistical Association 84(408),
    1989, for one dimension and the scale in place of its square.
    """
    one, three = freedom + 1, freedom + 3
    of_freedom = (polygamma(1, freedom / 2) - polygamma(1, one / 2)) / 4 - (freedom + 5) / (
        2 * freedom * one * three
    )
    mixed = -2 / (scale * one * three)
    return np.array(
        [
            [one / (three * scale**2), 0, 0],
            [0, 2 * freedom / (three * scale**2), mixed],
            [0, mixed, float(of_freedom)],
        ]
    )


def _quantile(freedom: float, percent: float) -> float:
    return float(stdtrit(freedom, percent / 100))


def _shortfall(freedom: float, percent: float) -> float:
    q = _quantile(freedom, percent)
    log_density = -(freedom + 1) / 2 * math.log1p(q * q / freedom) - (
        math.log(freedom) / 2 + float(betaln(freedom / 2, 0.5))
    )
    return math.exp(log_density) / tail_of(percent) * (freedom + q * q) / (freedom - 1)
