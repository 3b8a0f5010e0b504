"""Print digests of what the compiled kernels make of tables that every processor makes alike.

Run by `test_reproducibility.py` under another instruction set.
"""

from __future__ import annotations

import hashlib

import numpy as np

from engines.prism.monte_carlo.loss_cells import CELLS, count_losses
from engines.prism.monte_carlo.quantile_table import TABLE_SIZE, add_variates
from engines.prism.monte_carlo.random_state import BATCH, stream_start
from engines.prism.monte_carlo.step_table import draw_atoms, step_table


def digests() -> list[str]:
    """Give the digests of variates, of atoms and of counts."""
    out, atoms = np.zeros(5000), np.zeros(5000, dtype=np.uint32)
    cells, tails = np.empty(BATCH, dtype=np.uint64), np.empty(BATCH)
    start, none = np.uint64(stream_start(3, 1, 4)), np.uint64(0)
    table = np.arange(TABLE_SIZE) / 3.0 + 1.0
    for first in range(4):
        add_variates(out, table, start, np.uint64(5000 * first), cells, tails)
    steps = step_table(np.array([0.25, 0.125, 0.0, 0.5, 0.125]))
    draw_atoms(atoms, steps.thresholds, steps.guide, np.uint64(steps.shift), start, none, cells)
    packed = np.zeros(CELLS, dtype=np.uint64)
    count_losses(out, packed, np.array([2**64 - 1, 0], dtype=np.uint64))
    return [hashlib.sha256(each.tobytes()).hexdigest()[:16] for each in (out, atoms, packed)]


if __name__ == "__main__":
    print(*digests())
