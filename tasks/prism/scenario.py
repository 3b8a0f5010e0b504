"""A loss scenario as it crosses the wire."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engines.prism import distributions, scenario
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
        return distributions.Lognormal(self.low, self.high)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            self.engine()
        return self


Distribution = Annotated[Constant | Pert | Lognormal, Field(discriminator="distribution"), UNTAGGED]


class SecondaryLoss(Payload):
    """What others (customers, regulators) add to some of the loss events."""

    probability: Annotated[float, Field(ge=0, le=1)]
    """That a loss event has a secondary loss."""
    loss: Distribution
    """The cost of one, in the request's currency."""

    def engine(self) -> scenario.SecondaryLoss:
        return scenario.SecondaryLoss(probability=self.probability, loss=self.loss.engine())


class Scenario(Payload):
    """How often a loss event comes, and what each one costs."""

    loss_event_frequency_per_year: Distribution
    """Loss events a year; each simulated year draws its own rate, and a Poisson count from it."""
    primary_loss: Distribution
    """The cost of one loss event, in the request's currency."""
    secondary_loss: SecondaryLoss | None = None

    def engine(self) -> scenario.Scenario:
        secondary = self.secondary_loss
        return scenario.Scenario(
            loss_event_frequency_per_year=self.loss_event_frequency_per_year.engine(),
            primary_loss=self.primary_loss.engine(),
            secondary_loss=None if secondary is None else secondary.engine(),
        )
