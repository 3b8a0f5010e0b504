"""Arrays and a header as bytes that travel, the same for the same values."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import InvalidInput

VERSION: Final = 1
"""Of the bytes, and of what is made of them: a change of either is another number."""

Array = NDArray[Any]
Header = dict[str, Any]


def pack(header: Mapping[str, Any], arrays: Sequence[Array]) -> bytes:
    """Give a line of JSON that says what follows, and the arrays, least byte first."""
    layouts = [[each.dtype.str[1:], list(each.shape)] for each in arrays]
    line = json.dumps({"version": VERSION, "arrays": layouts, **header})
    parts = [np.ascontiguousarray(each).tobytes() for each in arrays]
    return b"".join([line.encode(), b"\n", *parts])


def unpack(data: bytes) -> tuple[Header, list[Array]]:
    """Give what `pack` was given; raises `InvalidInput` for other bytes."""
    line, _, _ = data.partition(b"\n")
    try:
        header = json.loads(line)
        version, layouts = header.pop("version"), header.pop("arrays")
    except (ValueError, KeyError, AttributeError):
        raise InvalidInput("tables", expected="tables", received="something else") from None
    if version != VERSION:
        raise InvalidInput("tables", expected=f"version {VERSION}", received=version)
    arrays, place = [], len(line) + 1
    for code, shape in layouts:
        dtype, count = np.dtype("<" + code), int(np.prod(shape))
        if place + count * dtype.itemsize > len(data):
            raise InvalidInput("tables", expected="whole tables", received=f"{len(data)} bytes")
        arrays.append(np.frombuffer(data, dtype, count, place).reshape(shape).copy())
        place += count * dtype.itemsize
    return header, arrays


assert sys.byteorder == "little", "the arrays are written as they lie in memory"
