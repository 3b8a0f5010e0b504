"""The memory a simulation works in, whose size does not depend on the trials."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engines.prism.distributions import Floats
from engines.prism.monte_carlo.random_state import BATCH
from engines.prism.monte_carlo.tables import Tables

BLOCK_TRIALS: Final = 1 << 13
"""Trials a block: its losses, 64 KiB, stay near, and what each block costs once is spread thin.
Part of every result for ever."""


class Workspace(NamedTuple):
    """One block's years, and the place where its simulation was interrupted."""

    gross: Floats
    covered: Floats
    """What the occurrence layers pay of each year."""
    largest: Floats
    """The largest event of each year."""
    parts: Floats
    """Contributions to `gross`: of each scenario, then of each form; no rows if not wanted."""
    losses: Floats
    """Of one scenario, while its years are sorted."""
    drawn: Floats
    events: Floats
    """Losses of a batch of events."""
    form_events: Floats
    """Their losses of one form."""
    hits: NDArray[np.uint64]
    """Which of them have a secondary loss."""
    numbers: NDArray[np.uint32]
    """The atom of the count of each year."""
    ends: NDArray[np.int64]
    """How many events there were up to the end of each year."""
    atoms: NDArray[np.uint32]
    cells: NDArray[np.uint64]
    tails: Floats
    cursor: NDArray[np.int64]
    """The block, the scenario in it, and the event of that to go on with."""


def workspace(tables: Tables, first_block: int) -> Workspace:
    """Give room for a run that begins with `first_block`."""
    part_count = len(tables.names) + len(tables.forms) if tables.has_contributions else 0
    return Workspace(
        gross=np.zeros(BLOCK_TRIALS),
        covered=np.zeros(BLOCK_TRIALS),
        largest=np.zeros(BLOCK_TRIALS),
        parts=np.zeros((part_count, BLOCK_TRIALS)),
        losses=np.zeros(BLOCK_TRIALS),
        drawn=np.zeros(BATCH),
        events=np.zeros(BATCH),
        form_events=np.zeros(BATCH),
        hits=np.zeros(BATCH, dtype=np.uint64),
        numbers=np.zeros(BLOCK_TRIALS, dtype=np.uint32),
        ends=np.zeros(BLOCK_TRIALS, dtype=np.int64),
        atoms=np.zeros(BATCH, dtype=np.uint32),
        cells=np.zeros(BATCH, dtype=np.uint64),
        tails=np.zeros(BATCH),
        cursor=np.array([first_block, 0, 0], dtype=np.int64),
    )
