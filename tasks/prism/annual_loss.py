"""What is said about an amount a year on the wire, each number with its limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field

from engines.prism import annual_loss_answers
from engines.prism.annual_loss_answers import AnnualLossAnswers
from tasks.payload import Payload

Percent = Annotated[float, Field(ge=1e-6, le=99.999999)]


class Estimate(Payload):
    """A value with its limits; a limit is null where the trials are too few for one."""

    value: float
    """The best estimate."""
    lower: float | None
    """Lower limit."""
    upper: float | None
    """Upper limit."""

    @classmethod
    def of(cls, estimate: annual_loss_answers.Estimate) -> Self:
        return cls(value=estimate.value, lower=estimate.lower, upper=estimate.upper)


class Percentile(Payload):
    """The annual loss that `percent` per cent of years do not exceed, with its limits."""

    percent: float
    """Of years, as asked for."""
    value: float
    """The loss."""
    lower: float | None
    """Null where the trials are too few for a lower limit."""
    upper: float | None
    """Null where the trials are too few for an upper limit."""


class TailRisk(Payload):
    """How bad the bad years are."""

    percent: float
    """Of years that are not bad, as asked for."""
    value_at_risk: Estimate
    """The loss that `percent` per cent of years do not exceed."""
    tail_value_at_risk: Estimate
    """The mean loss of the other years: the expected shortfall."""


class ExceedancePoint(Payload):
    """The probability that a year costs `loss` or more, with its limits."""

    loss: float
    """In a year."""
    probability: float
    """The best estimate."""
    lower: float
    """Lower limit of the probability."""
    upper: float
    """Upper limit of the probability."""


class AnnualLoss(Payload):
    """The distribution of an amount a year, in the request's currency."""

    mean: Estimate
    """The expected annual loss."""
    standard_deviation: float | None
    """Null where there is none, or for a single trial."""
    probability_of_loss: Estimate
    """That a year costs anything."""
    percentiles: tuple[Percentile, ...]
    """In the order of the request."""
    tail_risk: tuple[TailRisk, ...]
    """In the order of the request."""
    exceedance_curve: tuple[ExceedancePoint, ...]
    """Ascending by loss; empty when no year has one."""

    @classmethod
    def of(
        cls,
        loss: AnnualLossAnswers,
        *,
        percentiles: Sequence[float],
        tail_percents: Sequence[float],
        curve_points: int,
    ) -> Self:
        """Ask for everything."""
        return cls(
            mean=Estimate.of(loss.mean()),
            standard_deviation=loss.standard_deviation(),
            probability_of_loss=Estimate.of(loss.probability_of_loss()),
            percentiles=tuple(_percentile(loss, percent) for percent in percentiles),
            tail_risk=tuple(
                TailRisk(
                    percent=percent,
                    value_at_risk=Estimate.of(loss.percentile(percent)),
                    tail_value_at_risk=Estimate.of(loss.tail_value_at_risk(percent)),
                )
                for percent in tail_percents
            ),
            exceedance_curve=tuple(
                ExceedancePoint(
                    loss=point.loss,
                    probability=point.probability,
                    lower=point.lower,
                    upper=point.upper,
                )
                for point in loss.exceedance_curve(curve_points)
            ),
        )


def _percentile(loss: AnnualLossAnswers, percent: float) -> Percentile:
    estimate = loss.percentile(percent)
    return Percentile(
        percent=percent, value=estimate.value, lower=estimate.lower, upper=estimate.upper
    )
