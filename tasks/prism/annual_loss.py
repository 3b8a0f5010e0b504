"""What is said about an annual loss on the wire, each number with its 95% interval."""

from __future__ import annotations

from typing import Self

from engines.prism import risk_measures
from engines.prism.loss_tally import LossTally
from tasks.payload import Payload


class Estimate(Payload):
    """A value with its 95% interval; a limit is null where the trials are too few for one."""

    value: float
    """The best estimate."""
    lower: float | None
    """Lower limit of the interval."""
    upper: float | None
    """Upper limit of the interval."""

    @classmethod
    def of(cls, estimate: risk_measures.Estimate) -> Self:
        return cls(value=estimate.value, lower=estimate.lower, upper=estimate.upper)


class Percentile(Payload):
    """The annual loss that `percent` per cent of years do not exceed, with its 95% interval."""

    percent: float
    """Of years, as asked for."""
    value: float
    """The loss."""
    lower: float | None
    """Null where the trials are too few for a lower limit."""
    upper: float | None
    """Null where the trials are too few for an upper limit."""

    @classmethod
    def of(cls, tally: LossTally, percent: float) -> Self:
        loss = risk_measures.percentile(tally, percent)
        return cls(percent=percent, value=loss.value, lower=loss.lower, upper=loss.upper)


class ExceedancePoint(Payload):
    """The probability that a year costs `loss` or more, with its 95% band."""

    loss: float
    """In a year."""
    probability: float
    """The best estimate."""
    lower: float
    """Lower limit of the probability."""
    upper: float
    """Upper limit of the probability."""

    @classmethod
    def of(cls, point: risk_measures.ExceedancePoint) -> Self:
        return cls(
            loss=point.loss, probability=point.probability, lower=point.lower, upper=point.upper
        )


class AppetiteVerdict(Payload):
    """How the annual loss compares with what the organisation is ready to lose."""

    annual_loss: float
    """The appetite."""
    probability_of_exceeding: Estimate
    """That a year costs more than the appetite."""

    @classmethod
    def of(cls, tally: LossTally, appetite: float) -> Self:
        exceeding = risk_measures.probability(tally.above_appetite, tally)
        return cls(annual_loss=appetite, probability_of_exceeding=Estimate.of(exceeding))
