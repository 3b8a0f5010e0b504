"""The bits of a double, which compiled loops read as a number of their own.

For compiled functions only. A detour over memory, as `numpy.ndarray.view` takes, would cost more
than the rest of their loops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from numba import types
from numba.extending import intrinsic


def _bits_of(_typing: Any, value: Any) -> Any:
    return types.uint64(types.float64), _bitcast


def _double_of(_typing: Any, bits: Any) -> Any:
    return types.float64(types.uint64), _bitcast


def _bitcast(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.bitcast(arguments[0], target.get_value_type(signature.return_type))


bits_of = cast(Callable[[Any], Any], intrinsic(_bits_of))
"""Give the 64 bits of a double as an unsigned integer."""
double_of = cast(Callable[[Any], Any], intrinsic(_double_of))
"""Give the double that has these 64 bits."""
