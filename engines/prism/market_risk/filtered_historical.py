"""GARCH-filtered historical simulation: past shocks, at the volatility of tomorrow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engines.errors import InvalidInput
from engines.prism.market_risk.forecast import Caution, Forecast, Matrix, Vector, varying_total
from engines.prism.market_risk.historical import Historical, empirical_forecast
from engines.prism.market_risk.loss_quantile import Convention

BACKCAST_PERIODS, BACKCAST_DECAY = 75, 0.94
"""How `arch` guesses the variance before the sample: RiskMetrics over its first periods."""

INSIDE = (0.05, 0.05, 0.9)
"""Omega, alpha and beta of a typical daily series of variance one: a second place to start."""

ITERATIONS = 100
"""Of a search: the optimiser's own default. A daily series takes ten or twenty."""


@dataclass(frozen=True, kw_only=True)
class FilteredHistorical:
    """GARCH(1,1) with a constant mean, fitted by quasi maximum likelihood.

    Source: Barone-Adesi, Giannopoulos and Vosper, Journal of Futures Markets 19(5), 1999;
    Bollerslev, Journal of Econometrics 31(3), 1986, for GARCH; the fit is `arch`'s.
    """

    convention: Convention = "inverted_cdf"
    iterations: int = ITERATIONS
    """The most that the search from one start may take."""

    def shortest(self, percent: float) -> int:
        """Give 250: a choice, a year of days; with fewer the persistence is badly known."""
        return max(250, Historical().shortest(percent))

    def fit(self, sample: Matrix) -> GarchLosses:
        """Fit to the sample; raises `InvalidInput` where the optimiser does not converge."""
        # Here: `arch` takes pandas and all of scipy.stats with it, a second of every start.
        from arch import arch_model

        losses = varying_total(sample)
        spread = float(losses.std())
        unit = losses / spread
        model = arch_model(unit, mean="Constant", vol="GARCH", p=1, q=1, rescale=False)
        # The library's own start first; now and then the search from there ends at alpha + beta = 1
        # without an optimum, and a start well inside finds one as likely.
        for start in (None, np.array([unit.mean(), *INSIDE])):
            fitted = model.fit(
                disp="off", show_warning=False, starting_values=start,
                options={"maxiter": self.iterations},
            )  # fmt: skip
            if fitted.convergence_flag == 0:
                break
        else:
            raise InvalidInput(
                "returns",
                expected="returns on which the fit of a GARCH(1,1) converges",
                received=f"no optimum: optimiser's status {fitted.convergence_flag}",
            )
        mean, omega, alpha, beta = (float(each) for each in fitted.params)
        return GarchLosses(
            losses,
            mean=spread * mean,
            omega=spread**2 * omega,
            alpha=alpha,
            beta=beta,
            convention=self.convention,
        )


@dataclass(frozen=True, eq=False)
class GarchLosses:
    """Losses as mean + sigma z: sigma^2 = omega + alpha (loss - mean)^2 + beta sigma^2, lagged."""

    losses: Vector
    mean: float
    omega: float
    alpha: float
    beta: float
    convention: Convention

    @property
    def parameters(self) -> Mapping[str, float]:
        return {
            "mean": self.mean,
            "omega": self.omega,
            "alpha": self.alpha,
            "beta": self.beta,
            "nextVolatility": float(self.volatilities[-1]),
        }

    @property
    def cautions(self) -> tuple[Caution, ...]:
        # At alpha + beta = 1 the variance has no long-run mean; `arch` stops there.
        return ("tailAtBound",) if self.alpha + self.beta > 0.9999 else ()

    @property
    def volatilities(self) -> Vector:
        """Give the standard deviation of each period, and that of the next one as the last."""
        from scipy.signal import lfilter

        shocks = (self.losses - self.mean) ** 2
        start = (self.losses[:BACKCAST_PERIODS] - self.losses.mean()) ** 2
        weights = BACKCAST_DECAY ** np.arange(start.size, dtype=np.float64)
        backcast = float(weights @ start / weights.sum())
        drive = self.omega + self.alpha * np.concatenate(([backcast], shocks))
        variances, _ = lfilter([1.0], [1.0, -self.beta], drive, zi=[self.beta * backcast])
        return np.sqrt(np.asarray(variances, dtype=np.float64))

    def forecast(self, percent: float) -> Forecast:
        """Give VaR and ES of the standardised past losses at the next volatility.

        The intervals are those of the standardised losses: the error of the GARCH parameters is
        not in them.
        """
        volatilities = self.volatilities
        standardised = (self.losses - self.mean) / volatilities[:-1]
        return empirical_forecast(
            self.mean + volatilities[-1] * standardised, percent, self.convention
        )

    def moved_to(self, losses: Vector) -> GarchLosses:
        return GarchLosses(
            losses, self.mean, self.omega, self.alpha, self.beta, convention=self.convention
        )
