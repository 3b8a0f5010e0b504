"""Distributions as they cross the wire."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engines.prism import distributions
from tasks.payload import Payload
from tasks.refusal import UNTAGGED, refused_fields

Amount = Annotated[float, Field(ge=0, le=distributions.LARGEST)]


class Constant(Payload):
    """A value known for sure."""

    distribution: Literal["constant"]
    value: Amount
    """The only one."""

    def engine(self) -> distributions.Constant:
        return distributions.Constant(self.value)


class Pert(Payload):
    """A smallest, a most likely and a largest value; Vose's PERT."""

    distribution: Literal["pert"]
    low: Amount
    """The smallest value."""
    mode: Amount
    """The most likely value, from `low` to `high`."""
    high: Amount
    """More than `low`."""
    gamma: Annotated[float, Field(ge=0, le=distributions.Pert.LARGEST_GAMMA)] = 4
    """How strongly the mode is believed: 4 is the classic PERT, 0 is uniform."""

    def engine(self) -> distributions.Pert:
        return distributions.Pert(self.low, self.mode, self.high, self.gamma)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            self.engine()
        return self


class Lognormal(Payload):
    """A 90% interval, for what has no largest value: 5% lies below `low`, 5% above `high`."""

    distribution: Literal["lognormal"]
    low: Amount
    """More than 0."""
    high: Amount
    """More than `low`."""

    def engine(self) -> distributions.Lognormal:
        return distributions.Lognormal.from_interval(self.low, self.high)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            self.engine()
        return self


Distribution = Annotated[Constant | Pert | Lognormal, Field(discriminator="distribution"), UNTAGGED]
