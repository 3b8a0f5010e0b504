"""What every distribution of PRISM can say about itself."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST: Final = 1e15
"""The largest parameter and mean. Doubles still tell cents apart there."""


class Distribution(Protocol):
    """A random amount, rate or share. One that exists has been checked: its parameters are finite
    and possible, and its mean is finite and at most `LARGEST` in size.

    All functions of arrays work element by element and give an array of the same shape.
    """

    @property
    def mean(self) -> float:
        """The expected value."""

    @property
    def variance(self) -> float:
        """The second central moment; infinity where there is none."""

    @property
    def support(self) -> tuple[float, float]:
        """The smallest and the largest possible value; either may be infinite."""

    def cdf(self, x: Floats) -> Floats:
        """P(X <= x)."""

    def survival(self, x: Floats) -> Floats:
        """P(X > x), with full relative precision far out in the upper tail."""

    def quantile(self, p: Floats) -> Floats:
        """The smallest x with P(X <= x) >= p, for p in (0, 1), exact also for p near 1e-15."""

    def upper_quantile(self, p: Floats) -> Floats:
        """The smallest x with P(X > x) <= p, for p in (0, 1), exact also for p near 1e-15."""

    def limited_mean(self, x: Floats) -> Floats:
        """E min(X, x), in closed form.

        Source of the forms: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012),
        appendix A, where they are called limited expected values.
        """
