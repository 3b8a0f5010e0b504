"""A lattice and its Fourier transform, arranged so that nothing wraps around."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from engines.prism.distributions import Floats

Transform = NDArray[np.complex128]


@dataclass(frozen=True)
class Grid:
    """The points 0, step, ..., (cells - 1) step.

    A cyclic convolution brings what lies beyond its end back to its beginning. Here it is twice as
    long as the points, and the weights are tilted by exp(-tilt * x / length): what would come
    back has become exp(-tilt) of what it was.

    Source: Grübel and Hermesmeier, ASTIN Bulletin 29(2), 1999, pp. 197-214.
    """

    step: float
    cells: int
    tilt: float

    @cached_property
    def _decay(self) -> Floats:
        return np.asarray(np.exp(-self.tilt / (2 * self.cells) * np.arange(self.cells)))

    @cached_property
    def points(self) -> Floats:
        return self.step * np.arange(self.cells, dtype=np.float64)

    def transform(self, weights: Floats) -> Transform:
        """Give the transform at the cells + 1 frequencies that are not mirror images."""
        return np.asarray(fft.rfft(weights * self._decay, 2 * self.cells))

    def weights(self, transform: Transform) -> Floats:
        """Give the weights whose transform this is."""
        return np.asarray(fft.irfft(transform, 2 * self.cells)[: self.cells] / self._decay)
