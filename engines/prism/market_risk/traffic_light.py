"""The Basel Committee's traffic light: how much breaches should cost a VaR model in capital."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scipy.special import bdtr

Zone = Literal["green", "yellow", "red"]
Rules = Literal["basel1996", "mar32"]

YELLOW_FROM, RED_FROM = 0.95, 0.9999
"""A zone begins where so many breaches or fewer have this probability under a right model."""

BASEL_PERIODS, BASEL_PROBABILITY = 250, 0.01

BASE_MULTIPLIER: dict[Rules, float] = {"basel1996": 3.0, "mar32": 1.5}
PLUS_FACTORS: dict[Rules, dict[int, float]] = {
    "basel1996": {5: 0.40, 6: 0.50, 7: 0.65, 8: 0.75, 9: 0.85, 10: 1.00},
    "mar32": {5: 0.20, 6: 0.26, 7: 0.33, 8: 0.38, 9: 0.42, 10: 0.50},
}
"""By breaches in 250 days at 99%; 10 stands for 10 and more.

Sources: Basel Committee on Banking Supervision, "Supervisory framework for the use of
'backtesting' in conjunction with the internal models approach to market risk capital
requirements", January 1996, table 2; Basel Framework MAR32 (2019), table 1, backtesting
multipliers less 1.5.
"""


@dataclass(frozen=True, kw_only=True)
class TrafficLight:
    """The zone of a number of breaches, and what it adds to the capital multiplier."""

    zone: Zone
    cumulative_probability: float
    """Of so many breaches or fewer under a right model."""
    plus_factor: float
    multiplier: float
    yellow_from: int
    """The fewest breaches of the yellow zone."""
    red_from: int
    """The fewest breaches of the red zone."""


def traffic_light(
    breaches: int, periods: int, probability: float, rules: Rules = "basel1996"
) -> TrafficLight:
    """Judge breaches at any level and over any number of periods.

    At 250 periods and 1% it is the Committee's table. For others the zones keep their cumulative
    probabilities, and the plus factor is that of the Basel count that is at most as improbable:
    our extension, the Committee prints none.
    """
    yellow, red = (
        _fewest_reaching(bound, periods, probability) for bound in (YELLOW_FROM, RED_FROM)
    )
    reached = float(bdtr(breaches, periods, probability))
    zone: Zone = "green"
    plus_factor = 0.0
    if breaches >= red:
        zone, plus_factor = "red", PLUS_FACTORS[rules][10]
    elif breaches >= yellow:
        zone = "yellow"
        plus_factor = max(
            factor
            for count, factor in PLUS_FACTORS[rules].items()
            if count == 5
            or (count < 10 and bdtr(count, BASEL_PERIODS, BASEL_PROBABILITY) <= reached)
        )
    return TrafficLight(
        zone=zone,
        cumulative_probability=reached,
        plus_factor=plus_factor,
        multiplier=BASE_MULTIPLIER[rules] + plus_factor,
        yellow_from=yellow,
        red_from=red,
    )


def _fewest_reaching(bound: float, periods: int, probability: float) -> int:
    """Give the fewest breaches whose cumulative probability is at least `bound`."""
    low, high = -1, periods  # all breaches or fewer are certain
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if bdtr(middle, periods, probability) >= bound else (middle, high)
    return high
