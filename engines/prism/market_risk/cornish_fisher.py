"""Modified VaR: normal losses bent by the sample's skewness and kurtosis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scipy.special import ndtri

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
from engines.prism.market_risk.normal import normal_density

FARTHEST = 6.0
"""The expansion is held to rise up to this many standard deviations of the normal."""


@dataclass(frozen=True, kw_only=True)
class CornishFisher:
    """The expansion to the fourth moment; `outside_domain` says what a bad sample comes to."""

    outside_domain: Literal["refuse", "flag"] = "refuse"

    def shortest(self, percent: float) -> int:
        """Give 100: a choice; a kurtosis from fewer has a standard error of half and more."""
        return 100

    def fit(self, sample: Matrix) -> BentNormalLoss:
        losses = varying_total(sample)
        mean, deviation = float(losses.mean()), float(losses.std())
        z = (losses - mean) / deviation
        skewness, kurtosis = float((z**3).mean()), float((z**4).mean()) - 3
        model = BentNormalLoss(mean, deviation, skewness, kurtosis)
        if self.outside_domain == "refuse" and not model.monotone:
            raise InvalidInput(
                "method",
                expected="a sample on which the Cornish-Fisher expansion is monotone",
                received=f"skewness {skewness:.3g}, excess kurtosis {kurtosis:.3g}",
            )
        return model


@dataclass(frozen=True)
class BentNormalLoss:
    """The quantile function mean + sd w(z), z a standard normal's.

    w(z) = z + (z^2 - 1) S/6 + (z^3 - 3z) K/24 - (2z^3 - 5z) S^2/36 for skewness S and excess
    kurtosis K. Source: Cornish and Fisher, Revue de l'Institut International de Statistique 5(4),
    1938; for VaR, Zangari, RiskMetrics Monitor, 1996. S and K are parameters of the expansion:
    the bent distribution's own skewness and kurtosis are near them only where they are small
    (Maillard, "A user's guide to the Cornish Fisher expansion", 2012).
    """

    mean: float
    deviation: float
    skewness: float
    kurtosis: float

    @property
    def monotone(self) -> bool:
        """Tell whether w rises between the z of -6 and 6, so that it is a quantile function there.

        w' = a z^2 + S/3 z + c with a = K/8 - S^2/6, c = 1 - K/8 + 5 S^2/36. Maillard (as above)
        asks it of all z, which refuses almost every sample with K < 0, for a bend that no loss
        reaches; beyond 6 lie two periods in a thousand million.
        """
        square = self.skewness**2
        a, b = self.kurtosis / 8 - square / 6, self.skewness / 3
        c = 1 - self.kurtosis / 8 + 5 * square / 36
        lowest = [-FARTHEST, FARTHEST]
        if a > 0:
            lowest.append(min(max(-b / (2 * a), -FARTHEST), FARTHEST))
        return all(a * z**2 + b * z + c >= 0 for z in lowest)

    @property
    def parameters(self) -> Mapping[str, float]:
        return {
            "mean": self.mean,
            "standardDeviation": self.deviation,
            "skewness": self.skewness,
            "excessKurtosis": self.kurtosis,
        }

    @property
    def cautions(self) -> tuple[Caution, ...]:
        return () if self.monotone else ("notMonotone",)

    def forecast(self, percent: float) -> Forecast:
        """Give VaR = mean + sd w(z), and ES as the mean of the quantiles beyond, in closed form.

        ES is the integral of (mean + sd w(z)) phi(z) over the tail, taken term by term. It is not
        the ES of Boudt, Peterson and Croux (Journal of Risk 11(2), 2008), who take the mean under
        an Edgeworth density instead.
        """
        z, s, k = float(ndtri(percent / 100)), self.skewness, self.kurtosis
        bent = z + (z**2 - 1) * s / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * s**2 / 36
        beyond = 1 + z * s / 6 + (z**2 - 1) * k / 24 - (2 * z**2 - 1) * s**2 / 36
        shortfall = normal_density(z) / tail_of(percent) * beyond
        return Forecast(
            percent=percent,
            value_at_risk=RiskEstimate(self.mean + self.deviation * bent),
            expected_shortfall=RiskEstimate(self.mean + self.deviation * shortfall),
        )

    def moved_to(self, losses: Vector) -> BentNormalLoss:
        return self
