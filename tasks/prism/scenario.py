"""A loss scenario as it crosses the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engines.prism import scenario
from tasks.payload import Payload
from tasks.prism.distribution import Distribution


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
