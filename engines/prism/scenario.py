"""A loss scenario in FAIR's terms: how often it happens, and what each time costs.

Terms: The Open Group, Risk Taxonomy (O-RT) 3.0.1 (2021). A scenario may be entered at any level of
the tree; here it is in its normal form, the leaves that were given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from engines.errors import InvalidInput
from engines.prism.distributions import Distribution

LARGEST_SIZE: Final = 1e6
"""Of a negative binomial; beyond it is a Poisson to the last digit."""


class LossForm(StrEnum):
    """What a loss consists of (O-RT, "Forms of Loss"); `TOTAL` where it is not told apart."""

    TOTAL = "unspecified"
    PRODUCTIVITY = "productivity"
    RESPONSE = "response"
    REPLACEMENT = "replacement"
    COMPETITIVE_ADVANTAGE = "competitiveAdvantage"
    FINES_AND_JUDGEMENTS = "finesAndJudgements"
    REPUTATION = "reputation"


class VulnerabilityScope(StrEnum):
    """What a threat event's chance of success is shared by. It changes the tail, not the mean."""

    SCALAR = "scalar"
    """One number, the mean, multiplies the frequency of threat events."""
    PER_EVENT = "perEvent"
    """Each threat event draws anew. A Poisson or negative binomial number of threat events,
    thinned, is what `SCALAR` gives: the two have the same distribution (Klugman, Panjer and
    Willmot, Loss Models, 4th ed., section 8.6, "The impact of deductibles on claim frequency")."""
    PER_YEAR = "perYear"
    """Drawn once a year: in one year all threat events meet the same strength."""


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Threat capability against resistance strength, on any one scale.

    A threat event becomes a loss event when the capability is the greater.
    """

    threat_capability: Distribution
    resistance_strength: Distribution


@dataclass(frozen=True, kw_only=True)
class Vulnerability:
    """The probability that a threat event becomes a loss event."""

    of: Distribution | Contest
    scope: VulnerabilityScope

    def __post_init__(self) -> None:
        if not isinstance(self.of, Contest):
            _check_share("vulnerability", self.of)


@dataclass(frozen=True)
class PoissonCount:
    """Loss events that come independently of each other, at the year's rate."""


@dataclass(frozen=True)
class NegativeBinomialCount:
    """Loss events that come in clusters: the variance is rate + rate^2 / size.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), section 6.3; their r is
    the size, their beta the rate / size.
    """

    size: float

    def __post_init__(self) -> None:
        if not 1e-3 <= self.size <= LARGEST_SIZE:
            expected = f"from 0.001 to {LARGEST_SIZE:g}"
            raise InvalidInput("size", expected=expected, received=self.size)


@dataclass(frozen=True)
class BernoulliCount:
    """At most one loss event a year, whose probability the frequency is."""


CountModel = PoissonCount | NegativeBinomialCount | BernoulliCount


class AnnualLossModel(StrEnum):
    """How a year's loss follows from frequency and magnitude."""

    COMPOUND = "compound"
    """A whole number of loss events, each with a loss of its own, summed."""
    PRODUCT = "product"
    """Frequency times magnitude, each drawn once a year, as pyfair computes it: the same mean, and
    a tail too thin wherever events are rare."""


@dataclass(frozen=True, kw_only=True)
class SecondaryLoss:
    """What others (customers, regulators) add to a loss event, in some of them."""

    probability: Distribution
    """That a loss event has a secondary loss; drawn for each event by itself."""
    losses: Mapping[LossForm, Distribution]
    """All of them come when one does."""

    def __post_init__(self) -> None:
        _check_share("probability", self.probability)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """How often a loss event comes, and what one costs."""

    frequencies: Mapping[str, Distribution]
    """The factors of the yearly rate by name, of loss events or, with a vulnerability, of threat
    events: the frequency itself, or contact frequency and probability of action. Each is drawn
    once a year."""
    vulnerability: Vulnerability | None = None
    count: CountModel = field(default_factory=PoissonCount)
    primary_losses: Mapping[LossForm, Distribution]
    """Of each loss event; drawn anew for each, independently."""
    secondary_loss: SecondaryLoss | None = None
    annual_loss: AnnualLossModel = AnnualLossModel.COMPOUND

    def __post_init__(self) -> None:
        for name, factor in self.frequencies.items():
            if name == "probabilityOfAction":
                _check_share(name, factor)
            else:
                _check_not_negative(name, factor)
        if isinstance(self.count, BernoulliCount):
            largest = math.prod(factor.support[1] for factor in self.frequencies.values())
            if largest > 1:
                raise InvalidInput(
                    next(iter(self.frequencies)),
                    expected="at most 1 where the count is bernoulli: it is a probability",
                    received=f"up to {largest:g}",
                )
        for form, loss in self.primary_losses.items():
            _check_not_negative(_field("primaryLoss", form), loss)
        if self.secondary_loss is not None:
            for form, loss in self.secondary_loss.losses.items():
                _check_not_negative(_field("secondaryLoss.loss", form), loss)

    @property
    def mean_loss_per_event(self) -> float:
        """The expected cost of a loss event, primary and secondary."""
        mean = sum(loss.mean for loss in self.primary_losses.values())
        if self.secondary_loss is not None:
            secondary = sum(loss.mean for loss in self.secondary_loss.losses.values())
            mean += self.secondary_loss.probability.mean * secondary
        return mean

    @property
    def variance_of_loss_per_event(self) -> float:
        """The variance of the cost of a loss event; infinity where there is none.

        With P, Q the primary and secondary sums and B the Bernoulli variable of probability b:
        Var(P + B Q) = Var P + b Var Q + b (1 - b) (E Q)^2.
        """
        variance = sum(loss.variance for loss in self.primary_losses.values())
        if self.secondary_loss is not None:
            b = self.secondary_loss.probability.mean
            losses = self.secondary_loss.losses.values()
            mean = sum(loss.mean for loss in losses)
            spread = sum(loss.variance for loss in losses)
            # 0 * infinity: without a secondary loss its variance does not matter.
            variance += b * spread + b * (1 - b) * mean**2 if b > 0 else 0.0
        return variance


def _field(name: str, form: LossForm) -> str:
    return name if form is LossForm.TOTAL else f"{name}ByForm.{form}"


def _check_share(name: str, distribution: Distribution) -> None:
    low, high = distribution.support
    if low < 0 or high > 1:
        expected = "a probability, from 0 to 1"
        raise InvalidInput(name, expected=expected, received=_span(low, high))


def _check_not_negative(name: str, distribution: Distribution) -> None:
    low, high = distribution.support
    if low < 0:
        expected = "what is never negative"
        raise InvalidInput(name, expected=expected, received=_span(low, high))


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
