"""Losses that come every year, and the controls against them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.distributions import LARGEST, Distribution
from engines.prism.financial_impact.horizon import Floats

MAX_LOSSES: Final = 20
MAX_CONTROLS: Final = 20
HIGHEST_GROWTH: Final = 1.0
"""Growth and inflation a year: doubling."""


@dataclass(frozen=True, kw_only=True)
class AnnualLoss:
    """What one kind of loss costs in a year, at first."""

    name: str
    distribution: Distribution
    """Of the first year, in prices as the request says."""
    exchange_rate: float = 1.0
    """Into the reporting currency."""
    growth_per_year: float = 0.0
    """Of what is exposed: the second year costs (1 + growth) times the first, before prices."""

    def __post_init__(self) -> None:
        if not -1 < self.growth_per_year <= HIGHEST_GROWTH:
            expected = f"a share a year above -1, at most {HIGHEST_GROWTH:g}"
            raise InvalidInput("growthPerYear", expected=expected, received=self.growth_per_year)

    def scale(self, years: int) -> Floats:
        """Give what each year's draw is multiplied by, prices aside."""
        return np.asarray(self.exchange_rate * (1 + self.growth_per_year) ** np.arange(years))


@dataclass(frozen=True, kw_only=True)
class Control:
    """What is spent against losses, and what share of them it avoids."""

    name: str
    at_start: float
    """Spent at the valuation date."""
    running_costs: tuple[float, ...]
    """By year, in prices as the request says."""
    effectiveness: tuple[float, ...]
    """By year: the share in [0, 1] avoided of what other controls leave."""
    acts_on: frozenset[str] | None = None
    """Names of losses; None is all of them."""
    exchange_rate: float = 1.0
    """Into the reporting currency."""

    def __post_init__(self) -> None:
        _check_amounts("atStart", [self.at_start])
        _check_amounts("runningCosts", self.running_costs)
        if not all(0 <= share <= 1 for share in self.effectiveness):
            expected = "shares from 0 to 1"
            raise InvalidInput("effectiveness", expected=expected, received=self.effectiveness)


@dataclass(frozen=True, kw_only=True)
class Programme:
    """All losses, and some controls against them."""

    losses: tuple[AnnualLoss, ...]
    controls: tuple[Control, ...]
    years: int

    def __post_init__(self) -> None:
        known = [loss.name for loss in self.losses]
        for field, names in (
            ("losses", known),
            ("controls", [control.name for control in self.controls]),
        ):
            for index, name in enumerate(names):
                if name in names[:index]:
                    where = f"{field}.{index}.name"
                    raise InvalidInput(where, expected="a name of its own", received=name)
        for index, control in enumerate(self.controls):
            for unknown in sorted((control.acts_on or frozenset()).difference(known))[:1]:
                where = f"controls.{index}.actsOn"
                raise InvalidInput(where, expected="names of losses", received=unknown)
            for wire, values in (
                ("runningCosts", control.running_costs),
                ("effectiveness", control.effectiveness),
            ):
                if len(values) != self.years:
                    expected = f"{self.years} values, one a year"
                    received = len(values)
                    raise InvalidInput(
                        f"controls.{index}.{wire}", expected=expected, received=received
                    )

    def expected_losses(self) -> Floats:
        """Give the mean of every loss in every year, of shape (losses, years), prices aside."""
        return np.array([loss.distribution.mean * loss.scale(self.years) for loss in self.losses])

    def residual(self, controls: Sequence[Control]) -> Floats:
        """Give the share that `controls` leave of every loss, of shape (losses, years).

        Each acts on what the others leave, so two halves avoid three quarters.
        """
        left = np.ones((len(self.losses), self.years))
        for control in controls:
            for row, loss in enumerate(self.losses):
                if control.acts_on is None or loss.name in control.acts_on:
                    left[row] *= 1 - np.array(control.effectiveness)
        return left


def running_costs(controls: Sequence[Control], years: int) -> Floats:
    """Give what controls cost in each year, in the reporting currency, prices aside."""
    return sum(
        (control.exchange_rate * np.array(control.running_costs) for control in controls),
        np.zeros(years),
    )


def costs_at_start(controls: Sequence[Control]) -> float:
    """Give what controls cost at the valuation date, in the reporting currency."""
    return math.fsum(control.exchange_rate * control.at_start for control in controls)


def _check_amounts(where: str, amounts: Sequence[float]) -> None:
    if not all(0 <= amount <= LARGEST for amount in amounts):
        expected = f"amounts from 0 to {LARGEST:g}"
        raise InvalidInput(where, expected=expected, received=list(amounts))
