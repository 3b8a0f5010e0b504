"""Random streams that depend on what is drawn and never on who draws it.

Trials are cut into blocks of a fixed size. Every block, and in it every purpose, has its own
stream of one Philox generator (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
as 1, 2, 3", SC11, 2011), whose key is the seed and whose 256-bit counter starts at

    word 0, word 1: 0      what the stream counts up while it is drawn from
    word 2: the purpose
    word 3: the block

A stream would have to be drawn from 2^128 times to count into the next one, and Philox maps
different counters of a key to different outputs, so streams cannot overlap. The same block gives
the same numbers in one process or in a hundred shards, and a purpose that is added or dropped
leaves the draws of the others alone: scenarios with and without it are compared on the same years.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

BLOCK_TRIALS = 1 << 14
"""Trials a block: about a millisecond of work, and arrays that fit a core's cache."""


class Purpose(IntEnum):
    """What a stream's numbers decide. The values are for ever: they are part of every result."""

    FINANCIAL_YEARS = 32
    GOODNESS_OF_FIT = 33


def stream(seed: int, block: int, purpose: Purpose) -> np.random.Generator:
    """Give the random stream of one purpose in one block."""
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, purpose, block]))
