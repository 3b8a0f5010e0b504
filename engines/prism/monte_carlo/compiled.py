"""Compilation to machine code, kept on disk between processes, and never out of date.

numba keeps compiled code beside the module and compiles anew when that file changes. But code that
was inlined from another module goes unnoticed: after an upgrade that touches only that one, workers
would go on with the old. So what is kept is stamped with all modules of this package, and of the
one a function is in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast

from numba import njit

_HERE = Path(__file__).parent


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function on its first call with arguments of some type, or load it from disk.

    Where nothing can be written beside the module nor in the user's cache, every process compiles
    for itself: a start that takes half a minute, and the same numbers.
    """
    try:
        dispatcher: Any = njit(cache=True)(function)
    except RuntimeError:
        return cast(Callable[..., Any], njit(function))
    kept = dispatcher._cache._cache_file
    package = Path(function.__code__.co_filename).parent
    kept._source_stamp = (kept._source_stamp, _digest(_HERE), _digest(package))
    return cast(Callable[..., Any], dispatcher)


@cache
def _digest(package: Path) -> str:
    modules = sorted(package.glob("*.py"))
    return hashlib.sha256(b"".join(module.read_bytes() for module in modules)).hexdigest()
