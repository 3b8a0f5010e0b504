"""A loss scenario in FAIR's terms: how often it happens, and what each time costs.

Terms: The Open Group, Risk Taxonomy (O-RT) 3.0.1 (2021): loss event frequency, primary and
secondary loss.
"""

from __future__ import annotations

from dataclasses import dataclass

from engines.errors import InvalidInput
from engines.prism.distributions import Distribution


@dataclass(frozen=True, kw_only=True)
class SecondaryLoss:
    """What others (customers, regulators) add to a loss event, in some of them."""

    probability: float
    """That a loss event has a secondary loss; drawn for each event by itself."""
    loss: Distribution

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise InvalidInput("probability", expected="from 0 to 1", received=self.probability)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """How often a loss event comes, and what one costs."""

    loss_event_frequency_per_year: Distribution
    """The rate itself is uncertain: every simulated year draws its own."""
    primary_loss: Distribution
    secondary_loss: SecondaryLoss | None = None
