"""All that a shard needs to simulate years, in a form that travels.

The coordinating job makes the tables once, and shards run from its bytes: exponentials and
logarithms differ in the last digit between processors, and with them quantiles would.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from engines.errors import InvalidInput
from engines.prism.distributions import Floats
from engines.prism.monte_carlo.packed_arrays import pack, unpack


class Kind(IntEnum):
    """How a leaf is tabulated."""

    LINES = 0
    STEPS = 1
    CONSTANT = 2


class Years(IntEnum):
    """How a scenario's years are simulated."""

    GROUPED = 0
    """Years with equal numbers of events together: fast where there are few such numbers."""
    BY_EVENT = 1
    """Event by event, when single events matter or when there are many."""
    PRODUCT = 2


class Leaf(IntEnum):
    """The columns of `Arrays.leaves`."""

    KIND = 0
    FIRST = 1
    """Of its numbers, in `lines`, in `thresholds` and `values`, or in `values` alone."""
    LAST = 2
    GUIDE_FIRST = 3
    GUIDE_LAST = 4
    SHIFT = 5
    STREAM = 6
    FORM = 7
    """The row of its contribution among the forms of loss."""


class Row(IntEnum):
    """The columns of `Arrays.scenarios`: places in `leaves` are ranges, first and end."""

    YEARS = 0
    COUNT = 1
    """The leaf of the number of events, or of the pair of numbers, of a year."""
    LEAST = 2
    """The smallest number of events, which atom 0 of the count stands for."""
    MOST = 3
    FACTORS = 4
    PRIMARY = 5
    SECONDARY = 6
    END = 7
    OCCURRENCE = 8
    """The leaf that is 1 when an event has a secondary loss, or its yearly share; -1: none has."""
    IS_PAIRED = 9
    """Whether the count is of pairs: loss events, and those with a secondary loss among them."""


class Arrays(NamedTuple):
    """What compiled loops read."""

    lines: Floats
    thresholds: NDArray[np.uint64]
    guides: NDArray[np.uint32]
    values: Floats
    leaves: NDArray[np.int64]
    scenarios: NDArray[np.int64]
    layers: Floats
    """Deductible and limit per occurrence, then of the year."""
    amounts: Floats
    """Losses whose exceedance is counted exactly."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tables:
    """Scenarios tabulated."""

    arrays: Arrays
    names: tuple[str, ...]
    """Of the scenarios."""
    forms: tuple[str, ...]
    """Of the losses, primary and secondary ones told apart."""
    is_insured: bool
    has_events: bool
    """Whether the largest event of a year is wanted."""
    has_contributions: bool
    draws_a_year: float
    """Random variates drawn for a year, on average."""

    def to_bytes(self) -> bytes:
        """Give the tables as bytes, the same for the same tables."""
        header = {
            "names": self.names,
            "forms": self.forms,
            "flags": [self.is_insured, self.has_events, self.has_contributions],
            "draws_a_year": self.draws_a_year,
        }
        return pack(header, self.arrays)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Give the tables that `to_bytes` wrote; raises `InvalidInput` for other bytes."""
        header, arrays = unpack(data)
        if len(arrays) != len(Arrays._fields):
            raise InvalidInput("tables", expected="tables", received="other arrays")
        insured, events, contributions = header["flags"]
        return cls(
            arrays=Arrays(*arrays),
            names=tuple(header["names"]),
            forms=tuple(header["forms"]),
            is_insured=insured,
            has_events=events,
            has_contributions=contributions,
            draws_a_year=header["draws_a_year"],
        )

    @cached_property
    def sha256(self) -> str:
        """The digest of the bytes, by which shards and results name the tables."""
        return hashlib.sha256(self.to_bytes()).hexdigest()
