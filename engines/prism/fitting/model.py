"""What a family must know of itself to be fitted by maximum likelihood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engines.prism.distributions import Distribution, Floats

FamilyName = Literal[
    "uniform",
    "triangular",
    "pert",
    "normal",
    "lognormal",
    "gamma",
    "beta",
    "generalisedPareto",
    "poisson",
    "negativeBinomial",
]


class DoesNotFit(Exception):
    """A family cannot take these data or estimates; others may. The text says why."""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A family that could not be fitted, and why."""

    family: FamilyName
    reason: str


@dataclass(frozen=True, kw_only=True)
class Model:
    """A family with as many free parameters as `parameters` has names."""

    name: FamilyName
    parameters: tuple[str, ...]
    estimate: Callable[[Floats], tuple[float, ...]]
    """Values -> the parameters of the highest likelihood, or of the nearest that is possible."""
    log_density: Callable[..., Floats]
    """(values, *parameters) -> the logarithm of the density or, for counts, of the probability."""
    make: Callable[..., Distribution]
    """(*parameters) -> the distribution."""
    check: Callable[[Floats, tuple[float, ...]], None]
    """(values, parameters) -> `DoesNotFit` where the likelihood has no maximum inside."""
    takes: Callable[[Floats], str | None]
    """Values -> what they would have to be, where they are not."""


def positive(values: Floats) -> str | None:
    return None if values.min() > 0 else "needs values above 0"


def anything(values: Floats) -> str | None:
    return None


def settled(values: Floats, parameters: tuple[float, ...]) -> None:
    """Say nothing: the likelihood of this family always has its maximum inside."""
