"""What the organisation is ready to lose, and whether it stays within that."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from engines.errors import InvalidInput
from engines.prism.annual_loss_answers import AnnualLossAnswers
from tasks.payload import Count, Payload
from tasks.prism.annual_loss import Estimate
from tasks.prism.distribution import Amount
from tasks.refusal import refused_fields


class ToleratedLoss(Payload):
    """A point of the risk appetite curve."""

    annual_loss: Amount
    """In the request's currency."""
    probability: Annotated[float, Field(gt=0, lt=1)]
    """The greatest with which a year may cost more."""


class RiskAppetite(Payload):
    """What the organisation is ready to lose: an amount, a curve, or both."""

    annual_loss: Amount | None = None
    """In a year, in the request's currency."""
    curve: Annotated[tuple[ToleratedLoss, ...], Field(max_length=50)] = ()
    """Ascending by loss: the more a year costs, the rarer it must be."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            if self.annual_loss is None and not self.curve:
                raise InvalidInput("annualLoss", expected="this or curve", received="neither")
            for number, (point, dearer) in enumerate(pairwise(self.curve), start=1):
                if dearer.annual_loss <= point.annual_loss:
                    expected = f"more than the point before it ({point.annual_loss:g})"
                    raise InvalidInput(
                        f"curve.{number}.annualLoss",
                        expected=expected,
                        received=dearer.annual_loss,
                    )
                if dearer.probability > point.probability:
                    expected = f"at most that of the point before it ({point.probability:g})"
                    raise InvalidInput(
                        f"curve.{number}.probability",
                        expected=expected,
                        received=dearer.probability,
                    )
        return self

    @property
    def amounts(self) -> tuple[float, ...]:
        """The losses whose probability of being exceeded is asked for, ascending."""
        amounts = {point.annual_loss for point in self.curve}
        if self.annual_loss is not None:
            amounts.add(self.annual_loss)
        return tuple(sorted(map(just_above, amounts)))


def just_above(amount: float) -> float:
    """Give what a loss must exceed to be more than `amount`.

    A sum of losses is rounded, and ten of 0.1 are not to be more than 1.
    """
    return amount * (1 + 1e-9)


class ToleratedLossVerdict(Payload):
    """How a point of the risk appetite curve is kept."""

    annual_loss: float
    """Of the point."""
    tolerated: float
    """The probability of the point."""
    probability_of_exceeding: Estimate
    """That a year costs more."""
    is_breached: bool
    """Whether that is more than tolerated."""
    is_certain: bool
    """Whether all of the interval says so: false means that more trials might turn it."""


class AppetiteVerdict(Payload):
    """How the annual loss compares with what the organisation is ready to lose."""

    annual_loss: float | None
    """The appetite, where it is an amount."""
    probability_of_exceeding: Estimate | None
    """That a year costs more than that."""
    curve: tuple[ToleratedLossVerdict, ...]
    """The points of the risk appetite curve."""
    breaches: Count
    """Points of the curve that are breached."""

    @classmethod
    def of(cls, loss: AnnualLossAnswers, appetite: RiskAppetite) -> Self:
        """Compare."""
        amount = appetite.annual_loss
        curve = tuple(_verdict(loss, point) for point in appetite.curve)
        return cls(
            annual_loss=amount,
            probability_of_exceeding=None
            if amount is None
            else Estimate.of(loss.probability_above(just_above(amount))),
            curve=curve,
            breaches=sum(point.is_breached for point in curve),
        )


def _verdict(loss: AnnualLossAnswers, point: ToleratedLoss) -> ToleratedLossVerdict:
    exceeding = loss.probability_above(just_above(point.annual_loss))
    is_breached = exceeding.value > point.probability
    decisive = exceeding.lower if is_breached else exceeding.upper
    return ToleratedLossVerdict(
        annual_loss=point.annual_loss,
        tolerated=point.probability,
        probability_of_exceeding=Estimate.of(exceeding),
        is_breached=is_breached,
        is_certain=decisive is not None and (decisive > point.probability) is is_breached,
    )
