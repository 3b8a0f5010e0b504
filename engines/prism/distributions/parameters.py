"""The checks that parameters of distributions share."""

from __future__ import annotations

from engines.errors import InvalidInput
from engines.prism.distributions.distribution import LARGEST


def check_range(field: str, value: float, smallest: float = 0.0, largest: float = LARGEST) -> None:
    """Refuse a parameter outside [smallest, largest], and NaN, which compares false with all."""
    if not smallest <= value <= largest:
        raise InvalidInput(field, expected=f"from {smallest:g} to {largest:g}", received=value)


def check_positive(field: str, value: float, largest: float = LARGEST) -> None:
    """Refuse a parameter outside (0, largest], and NaN."""
    if not 0 < value <= largest:
        raise InvalidInput(field, expected=f"more than 0 and at most {largest:g}", received=value)


def check_order(low: float, high: float) -> None:
    """Refuse an interval without a width."""
    if not low < high:
        raise InvalidInput("high", expected=f"more than low ({low:g})", received=high)


def check_mode(mode: float, low: float, high: float) -> None:
    """Refuse a most likely value outside [low, high]."""
    if not low <= mode <= high:
        expected = f"a value from low to high ({low:g} to {high:g})"
        raise InvalidInput("mode", expected=expected, received=mode)


def check_mean(field: str, mean: float) -> None:
    """Refuse, at the parameter that is most to blame, a mean too large to add up in doubles."""
    if not mean <= LARGEST:
        expected = f"a value that keeps the mean at most {LARGEST:g}"
        raise InvalidInput(field, expected=expected, received=f"one that gives {mean:g}")
