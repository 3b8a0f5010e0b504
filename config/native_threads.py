"""How many threads native libraries start in this process."""

from __future__ import annotations

import os

_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def limit_native_threads(count: int) -> None:
    """Hold BLAS, OpenMP and numba to `count` threads, here and in children.

    They read this when they are loaded, so it comes before their import. What the environment
    says already is left as it is.
    """
    for variable in _VARIABLES:
        os.environ.setdefault(variable, str(count))
