"""Historical simulation: the past losses are the distribution of the next one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engines.errors import InvalidInput
from engines.prism.binomial_intervals import percentile_ranks
from engines.prism.market_risk.forecast import (
    Caution,
    Forecast,
    Matrix,
    RiskEstimate,
    Vector,
    tail_of,
)
from engines.prism.market_risk.loss_quantile import (
    Convention,
    exact_share,
    quantile,
    weighted_quantile,
)

FEWEST_IN_TAIL = 10
"""With fewer losses beyond VaR, the standard error of their mean says more than is known."""


@dataclass(frozen=True, kw_only=True)
class Historical:
    """The empirical distribution; with a `decay`, each period weighs that much of the next."""

    convention: Convention = "inverted_cdf"
    decay: float | None = None

    def __post_init__(self) -> None:
        if self.decay is not None and not 0 < self.decay < 1:
            raise InvalidInput("decay", expected="a number between 0 and 1", received=self.decay)
        if self.decay is not None and self.convention != "inverted_cdf":
            raise InvalidInput(
                "convention",
                expected="inverted_cdf, the only one defined for weights",
                received=self.convention,
            )

    def shortest(self, percent: float) -> int:
        """Give the number of periods of which one is expected beyond the level."""
        return math.ceil(1 / (1 - exact_share(percent)))

    def fit(self, sample: Matrix) -> EmpiricalLosses:
        return EmpiricalLosses(sample.sum(axis=1), self.convention, self.decay)


@dataclass(frozen=True, eq=False)
class EmpiricalLosses:
    """Losses in order of time, each as likely as its weight."""

    losses: Vector
    convention: Convention
    decay: float | None

    @property
    def parameters(self) -> Mapping[str, float]:
        """Give how many equal periods the weights are worth (Kish, Survey Sampling, 1965)."""
        if self.decay is None:
            return {}
        return {"effectivePeriods": float(1 / (self.weights**2).sum())}

    @property
    def cautions(self) -> tuple[Caution, ...]:
        return ()

    @property
    def weights(self) -> Vector:
        """Give each period's probability: equal, or falling with age.

        Source: Boudoukh, Richardson and Whitelaw, "The best of both worlds", Risk 11(5), 1998.
        """
        count = self.losses.size
        if self.decay is None:
            return np.full(count, 1 / count)
        weights: Vector = self.decay ** np.arange(count - 1, -1, -1, dtype=np.float64)
        weights /= weights.sum()
        return weights

    def forecast(self, percent: float) -> Forecast:
        """Give VaR by the convention and ES = VaR + mean((loss - VaR)+) / (1 - p).

        Source of the ES: Rockafellar and Uryasev, Journal of Risk 2(3), 2000; at the
        `inverted_cdf` quantile it is the tail mean of Acerbi and Tasche, Journal of Banking and
        Finance 26(7), 2002. The intervals take periods as independent: where
        volatility clusters they are too short.
        """
        if self.decay is not None:
            value = weighted_quantile(self.losses, self.weights, percent)
            excess = np.maximum(self.losses - value, 0) @ self.weights / tail_of(percent)
            return Forecast(
                percent=percent,
                value_at_risk=RiskEstimate(value),
                expected_shortfall=RiskEstimate(value + float(excess)),
            )
        return empirical_forecast(self.losses, percent, self.convention)

    def moved_to(self, losses: Vector) -> EmpiricalLosses:
        return EmpiricalLosses(losses, self.convention, self.decay)


def empirical_forecast(losses: Vector, percent: float, convention: Convention) -> Forecast:
    """Give VaR with its interval of order statistics and ES with its standard error.

    The variance of the ES is that of (loss - VaR)+ over n (1 - p)^2: VaR minimises the function
    whose minimum is the ES, so its own error does not count in the first order. It equals the
    formula of Manistre and Hancock, North American Actuarial Journal 9(2), 2005.
    """
    value = quantile(losses, percent, convention)
    excesses = np.maximum(losses - value, 0)
    tail, count = tail_of(percent), losses.size
    shortfall = value + float(excesses.mean()) / tail
    if np.count_nonzero(excesses) >= FEWEST_IN_TAIL:
        error = float(excesses.std()) / (tail * math.sqrt(count))
        expected_shortfall = RiskEstimate.of_error(shortfall, error)
    else:
        expected_shortfall = RiskEstimate(shortfall)

    ranks = percentile_ranks(percent / 100, count)
    ordered = np.sort(losses)
    lower, upper = (None if rank is None else float(ordered[rank - 1]) for rank in ranks)
    return Forecast(
        percent=percent,
        value_at_risk=RiskEstimate(value, None, lower, upper),
        expected_shortfall=expected_shortfall,
    )
