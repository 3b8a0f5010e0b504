"""Scrambled Sobol points: evenly spread, yet each of them uniform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.distributions import Floats

MAX_DIMENSIONS: Final = 10_000
"""Of a point. Direction numbers are tabulated up to 21201."""
_BITS: Final = 52
_BLOCK_NUMBERS: Final = 1 << 20
"""Coordinates held at once: 8 MiB."""


def sobol_points(
    dimensions: int, log2_points: int, *, seed: int, replicate: int
) -> Iterator[Floats]:
    """Give 2^log2_points points of (0, 1)^dimensions in blocks (points, dimensions).

    Another replicate is another, independent scrambling of the same points.

    Source: Joe and Kuo, SIAM Journal on Scientific Computing 30(5) (2008), pp. 2635-2654, for the
    direction numbers; Matousek, Journal of Complexity 14 (1998), pp. 527-556, for the scrambling
    (random linear matrices and a digital shift), as in scipy.
    """
    # Here, because scipy.stats takes half a second to import, and few jobs need it.
    from scipy.stats import qmc

    if dimensions > MAX_DIMENSIONS:
        raise InvalidInput(
            "scenarios",
            expected=f"at most {MAX_DIMENSIONS:,} uncertain leaves",
            received=dimensions,
        )
    scrambling = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, replicate])))
    sequence = qmc.Sobol(dimensions, scramble=True, bits=_BITS, rng=scrambling)
    total = 1 << log2_points
    # A power of two, so that every block is a balanced piece of the sequence.
    block = min(total, 1 << max(0, (_BLOCK_NUMBERS // dimensions).bit_length() - 1))
    for _ in range(total // block):
        # The middle of the finest cell instead of its lower edge, which may be 0.
        yield sequence.random(block) + 2.0 ** -(_BITS + 1)
