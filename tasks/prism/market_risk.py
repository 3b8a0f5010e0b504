"""What is said about market risk on the wire."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Self

from pydantic import Field

from engines.prism.market_risk import ENGINE, ENGINE_VERSION, forecast
from tasks.payload import Payload
from tasks.prism.provenance import Provenance

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]

Return = Annotated[float, Field(ge=-1e15, le=1e15)]
"""Of one period: a fraction of the position, or a profit where the position's amount is 1."""

_MEANINGS: dict[forecast.Caution, str] = {
    "squareRootOfTime": "scaled to the horizon by the square root of time, which holds for "
    "independent normal losses of mean zero only",
    "notMonotone": "the Cornish-Fisher expansion falls somewhere for this skewness and kurtosis, "
    "so it is no quantile function",
    "tailAtBound": "a fitted parameter ended at the limit of what the method allows",
    "infiniteShortfall": "the fitted tail is so heavy that the loss beyond it has no mean",
    "simulationErrorOnly": "the intervals tell the error of the simulation, not that of the "
    "estimated mean and covariance",
}


class RiskFigure(Payload):
    """A loss with its standard error and 95% interval; null where no standard one exists."""

    value: float
    """A positive number is a loss."""
    standard_error: float | None
    """Of the estimate, for independent periods."""
    lower: float | None
    """Lower limit of the interval."""
    upper: float | None
    """Upper limit of the interval."""

    @classmethod
    def of(cls, estimate: forecast.RiskEstimate) -> Self:
        return cls(
            value=estimate.value,
            standard_error=estimate.standard_error,
            lower=estimate.lower,
            upper=estimate.upper,
        )


class MarketRiskCaution(Payload):
    """Something that a reader of the numbers must know."""

    code: forecast.Caution
    """What it is, for a program."""
    meaning: str
    """What it is, in words."""

    @classmethod
    def of(cls, caution: forecast.Caution) -> Self:
        return cls(code=caution, meaning=_MEANINGS[caution])


class FittedParameter(Payload):
    """A number that the method estimated from the sample."""

    name: str
    """What it is: `degreesOfFreedom`."""
    value: float
    """Losses are in the units of the request's losses."""


class MarketRiskProvenance(Provenance):
    """What the numbers depend on."""

    arch_version: str | None
    """Of the library that fitted the GARCH; null where none was."""

    @classmethod
    def of_method(cls, request: Payload, *, seed: int | None, is_filtered: bool) -> Self:
        """Give it for a method that fits a GARCH, or for one that does not."""
        return cls.of(
            request,
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            seed=seed,
            arch_version=version("arch") if is_filtered else None,
        )
