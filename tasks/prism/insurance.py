"""An insurance policy as it crosses the wire."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from engines.prism import insurance
from engines.prism.distributions import LARGEST
from tasks.payload import Payload
from tasks.prism.distribution import Amount
from tasks.refusal import refused_fields


class Layer(Payload):
    """The part of an amount that is paid: what is above the deductible, up to the limit."""

    deductible: Amount = 0
    """What is never paid (a retention)."""
    limit: Annotated[float, Field(gt=0, le=LARGEST)] | None = None
    """The most that is paid; without one, everything above the deductible."""

    def engine(self) -> insurance.Layer:
        limit = math.inf if self.limit is None else self.limit
        return insurance.Layer(deductible=self.deductible, limit=limit)


class Insurance(Payload):
    """A policy. The aggregate layer covers the year's sum of what the other pays of each event."""

    per_occurrence: Layer | None = None
    """Of each loss event; without it all of it counts."""
    annual_aggregate: Layer | None = None
    """Of the year's sum; without it all of it is paid."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            self.engine()
        return self

    def engine(self) -> insurance.Insurance:
        each, year = self.per_occurrence, self.annual_aggregate
        return insurance.Insurance(
            per_occurrence=insurance.EVERYTHING if each is None else each.engine(),
            annual_aggregate=insurance.EVERYTHING if year is None else year.engine(),
        )
