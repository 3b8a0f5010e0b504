"""Power series within the unit circle: the generating functions of counts."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engines.prism.distributions import Floats

NEGLIGIBLE: Final = 1e-18
"""Powers of z smaller than this are left out."""

_SHORT: Final = 128
"""A polynomial with no more terms costs less than asking which of them matter."""


def power_series(
    first: int, coefficients: Floats, z: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """Give the sum of coefficients[k] * z^(first + k), for |z| <= 1.

    The smaller |z|, the fewer powers matter; values of z are taken together by how many they need.
    So a sum over a hundred thousand counts costs little where z turns quickly away from 1.
    """
    end = first + coefficients.size
    if end <= _SHORT:
        return _times_power(z, first, horner(coefficients, z))
    with np.errstate(divide="ignore"):
        matter = math.log(NEGLIGIBLE) / np.minimum(np.log(np.abs(z)), -1e-300)
    values = np.zeros(z.shape, dtype=np.complex128)
    # At z = 0 the first term is left, if it is a constant.
    count, above = _SHORT, float(first) if first else -1.0
    while above < end:
        upto = first + count if first + count < end else math.inf
        here = (matter > above) & (matter <= upto)
        if here.any():
            values[here] = _times_power(z[here], first, horner(coefficients[:count], z[here]))
        above, count = upto, 2 * count
    return values


def _times_power(
    z: NDArray[np.complex128], power: int, values: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    return values if power == 0 else np.asarray(z**power * values)


@njit(cache=True)
def horner(coefficients, z):  # type: ignore[no-untyped-def]
    """Evaluate a polynomial, all of z at once, so that the inner loop runs in SIMD."""
    real, imaginary = np.zeros(z.size), np.zeros(z.size)
    x, y = z.real.copy(), z.imag.copy()
    for k in range(coefficients.size - 1, -1, -1):
        c = coefficients[k]
        for i in range(z.size):
            r = real[i] * x[i] - imaginary[i] * y[i] + c
            imaginary[i] = real[i] * y[i] + imaginary[i] * x[i]
            real[i] = r
    return real + 1j * imaginary
