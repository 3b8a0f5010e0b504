"""What an insurance policy pays of a year's losses."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engines.errors import InvalidInput
from engines.prism.distributions import LARGEST, Floats


@dataclass(frozen=True, kw_only=True)
class Layer:
    """The part of an amount above `deductible`, up to `limit`.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), chapter 8: the payment
    is min(max(x - deductible, 0), limit).
    """

    deductible: float = 0.0
    limit: float = math.inf

    def __post_init__(self) -> None:
        if not 0 <= self.deductible <= LARGEST:
            expected = f"from 0 to {LARGEST:g}"
            raise InvalidInput("deductible", expected=expected, received=self.deductible)
        if not self.limit > 0:
            raise InvalidInput("limit", expected="more than 0", received=self.limit)

    def pays(self, amount: Floats) -> Floats:
        """Give the payment for each amount."""
        return np.minimum(np.maximum(amount - self.deductible, 0.0), self.limit)


EVERYTHING = Layer()


@dataclass(frozen=True, kw_only=True)
class Insurance:
    """A policy: each loss event is covered by one layer, the year's payments by another.

    Ceded is annual_aggregate.pays(sum over events of per_occurrence.pays(loss)), net the rest.
    With no layer per occurrence, the aggregate layer covers the annual loss (stop-loss).
    """

    per_occurrence: Layer = EVERYTHING
    annual_aggregate: Layer = EVERYTHING

    def __post_init__(self) -> None:
        if self.per_occurrence == EVERYTHING and self.annual_aggregate == EVERYTHING:
            expected = "a deductible or a limit, here or in annualAggregate"
            raise InvalidInput("perOccurrence", expected=expected, received="none")

    @property
    def looks_at_events(self) -> bool:
        """Whether single loss events matter, and not only the year's sum."""
        return self.per_occurrence != EVERYTHING
