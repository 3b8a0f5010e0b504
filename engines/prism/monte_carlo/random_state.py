"""Random 64-bit words that belong to a seed, a stream and a block, and to nobody's turn.

Two published generators, each for what it is good at. Philox, a keyed bijection, turns (seed,
stream, block) into a starting point; it is strong, so neighbours have nothing in common, and it is
slow, so it is asked once a block. From there SplitMix64 gives word n as a mixture of start + n *
GOLDEN: no word needs the one before it, so a loop over them runs in SIMD (0.2 ns a word, a quarter
of a scalar xoshiro256++), and a loop cut in two needs no state carried over.

A SplitMix64 sequence passes BigCrush and has period 2^64, all streams being windows on one cycle.
S streams and N words in all overlap somewhere with a probability of about S N / 2^63: 2e-3 in the
largest simulation we allow (1e10 words in 1e6 streams), and then a few thousand of its draws
would be drawn twice.

Everything is integer arithmetic modulo 2^64, so the words are the same on every processor.

Sources: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011),
for Philox4x64-10; Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
(2014), for SplitMix64, with the mixing constants of Stafford's variant 13.
"""

from __future__ import annotations

from typing import Final

from numba import uint64

from engines.errors import InvalidInput
from engines.prism.monte_carlo.compiled import compiled

LARGEST_SEED: Final = 2**53 - 1
"""A JSON number keeps integers up to here."""

BATCH: Final = 512
"""Words drawn at once: what is made of them stays in the nearest cache. No result depends on it."""

_LOW = 0xFFFFFFFF
_MULTIPLIER_0, _MULTIPLIER_1 = 0xD2E7470EE14C6C93, 0xCA5A826395121157
_WEYL_0, _WEYL_1 = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B
_ROUNDS = 10

_GOLDEN = 0x9E3779B97F4A7C15
"""The odd number nearest to 2^64 divided by the golden ratio."""
_MIX_0, _MIX_1 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def check_seed(seed: int) -> None:
    """Refuse a seed that is not from 0 to `LARGEST_SEED`."""
    if not 0 <= seed <= LARGEST_SEED:
        raise InvalidInput("seed", expected=f"from 0 to {LARGEST_SEED}", received=seed)


@compiled
def stream_start(seed, stream, block):  # type: ignore[no-untyped-def]
    """Give the starting point of a stream in a block: the first word of Philox's answer."""
    counter = (uint64(stream), uint64(block), uint64(0), uint64(0))
    return philox(counter, (uint64(seed), uint64(0)))[0]


@compiled
def word(start, n):  # type: ignore[no-untyped-def]
    """Give the n-th word (n from 0, unsigned) from a starting point."""
    z = start + (n + uint64(1)) * uint64(_GOLDEN)
    z = (z ^ (z >> uint64(30))) * uint64(_MIX_0)
    z = (z ^ (z >> uint64(27))) * uint64(_MIX_1)
    return z ^ (z >> uint64(31))


@compiled
def philox(counter, key):  # type: ignore[no-untyped-def]
    """Give the four words of Philox4x64-10 for a counter of four words and a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(_ROUNDS):
        high_0, low_0 = _product(uint64(_MULTIPLIER_0), c0)
        high_1, low_1 = _product(uint64(_MULTIPLIER_1), c2)
        c0, c1, c2, c3 = high_1 ^ c1 ^ k0, low_1, high_0 ^ c3 ^ k1, low_0
        k0 += uint64(_WEYL_0)
        k1 += uint64(_WEYL_1)
    return c0, c1, c2, c3


@compiled
def _product(a, b):  # type: ignore[no-untyped-def]
    """Give the high and the low word of a product of two words, by schoolbook halves."""
    low, half = uint64(_LOW), uint64(32)
    a0, a1, b0, b1 = a & low, a >> half, b & low, b >> half
    middle = a1 * b0 + ((a0 * b0) >> half)
    other = a0 * b1 + (middle & low)
    return a1 * b1 + (middle >> half) + (other >> half), a * b
