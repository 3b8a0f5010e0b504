"""What the tests of a VaR backtest come to, on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from engines.prism.market_risk import coverage_tests, shortfall_tests, traffic_light
from tasks.payload import Count, Payload


class BreachRate(Payload):
    """The share of periods with a breach, and its exact 95% interval."""

    value: float
    """Of the tested periods."""
    lower: float
    """Lower limit of the interval."""
    upper: float
    """Upper limit of the interval."""


class CoverageTest(Payload):
    """A likelihood-ratio test."""

    statistic: float
    """Zero where the breaches are just as right forecasts would have them."""
    p_value: float
    """The probability of a statistic as large if the forecasts are right."""

    @classmethod
    def of(cls, test: coverage_tests.LikelihoodRatio) -> Self:
        return cls(statistic=test.statistic, p_value=test.p_value)


class BreachTransitions(Payload):
    """How often a period with or without a breach followed one with or without."""

    n00: Count
    """None after none."""
    n01: Count
    """A breach after none."""
    n10: Count
    """None after a breach."""
    n11: Count
    """A breach after a breach."""

    @classmethod
    def of(cls, seen: coverage_tests.Transitions) -> Self:
        return cls(n00=seen.n00, n01=seen.n01, n10=seen.n10, n11=seen.n11)


class BacktestTrafficLight(Payload):
    """The Basel Committee's zone, by the latest forecasts."""

    zone: traffic_light.Zone
    """Green, yellow or red."""
    periods: Count
    """That were looked at."""
    breaches: Count
    """Among them."""
    cumulative_probability: float
    """Of so many breaches or fewer, if the forecasts are right."""
    plus_factor: float
    """What the breaches add to the capital multiplier."""
    multiplier: float
    """Of the capital, the plus factor included."""
    yellow_from: Count
    """The fewest breaches of the yellow zone."""
    red_from: Count
    """The fewest breaches of the red zone."""
    as_printed: bool
    """Whether it is the Committee's own table, of 250 periods at 99%, or our extension of it."""

    @classmethod
    def of(cls, breached: Sequence[bool], probability: float, rules: traffic_light.Rules) -> Self:
        periods, breaches = len(breached), sum(breached)
        light = traffic_light.traffic_light(breaches, periods, probability, rules)
        return cls(
            zone=light.zone,
            periods=periods,
            breaches=breaches,
            cumulative_probability=light.cumulative_probability,
            plus_factor=light.plus_factor,
            multiplier=light.multiplier,
            yellow_from=light.yellow_from,
            red_from=light.red_from,
            as_printed=periods == traffic_light.BASEL_PERIODS
            and probability == traffic_light.BASEL_PROBABILITY,
        )


class ExpectedShortfallTest(Payload):
    """Whether losses beyond VaR were as large as the expected shortfall said."""

    z2: float
    """Acerbi and Szekely's second statistic: 0 expected, negative where ES was too small."""
    z2_critical: float
    """Below it they reject at 5%, for ES at 97.5% over 250 periods; else an indication."""
    mean_residual: float | None
    """Of (loss - ES) / ES over breaches: 0 expected; null with fewer than two breaches."""
    p_value: float | None
    """Of a mean residual as large, resampled: small where ES was too small."""

    @classmethod
    def of(cls, test: shortfall_tests.ShortfallTest) -> Self:
        return cls(
            z2=test.z2,
            z2_critical=shortfall_tests.Z2_CRITICAL,
            mean_residual=test.mean_residual,
            p_value=test.p_value,
        )
