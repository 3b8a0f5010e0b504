"""The ways of forecasting a loss from past returns, as they cross the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engines.errors import InvalidInput
from engines.prism.market_risk import forecast
from engines.prism.market_risk.cornish_fisher import CornishFisher
from engines.prism.market_risk.filtered_historical import FilteredHistorical
from engines.prism.market_risk.historical import Historical
from engines.prism.market_risk.loss_quantile import Convention
from engines.prism.market_risk.monte_carlo import MonteCarlo
from engines.prism.market_risk.normal import Ewma, Normal
from engines.prism.market_risk.peaks_over_threshold import PeaksOverThreshold
from engines.prism.market_risk.student_t import StudentT
from tasks.payload import Count, Payload
from tasks.refusal import UNTAGGED, refused_fields

Level = Annotated[float, Field(ge=50, le=99.99)]
"""Of confidence, in per cent of periods."""

Decay = Annotated[float, Field(ge=0.5, le=0.9999)]


class _Method(Payload):
    def engine(self) -> forecast.Method:
        raise NotImplementedError

    @property
    def quantile_convention(self) -> Convention | None:
        """The convention of the quantile; `None` where a formula gives it."""
        return getattr(self, "convention", None)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            self.engine()
        return self


class HistoricalMethod(_Method):
    """The past losses are the distribution of the next one."""

    kind: Literal["historical"]
    convention: Convention = "inverted_cdf"
    """Of the quantile of the losses, by NumPy's names; `inverted_cdf` is the definition of VaR."""
    decay: Decay | None = None
    """Each period weighs this much of the next one; null weighs all the same."""

    def engine(self) -> Historical:
        return Historical(convention=self.convention, decay=self.decay)


class NormalMethod(_Method):
    """Normal losses of the sample's mean and covariance."""

    kind: Literal["normal"]

    def engine(self) -> Normal:
        return Normal()


class StudentTMethod(_Method):
    """Student t losses, location, scale and degrees of freedom by maximum likelihood."""

    kind: Literal["studentT"]

    def engine(self) -> StudentT:
        return StudentT()


class CornishFisherMethod(_Method):
    """Normal losses bent by the sample's skewness and kurtosis: modified VaR."""

    kind: Literal["cornishFisher"]
    outside_domain: Literal["refuse", "flag"] = "refuse"
    """What to do with moments for which the expansion is no quantile function, as it falls."""

    def engine(self) -> CornishFisher:
        return CornishFisher(outside_domain=self.outside_domain)


class EwmaMethod(_Method):
    """RiskMetrics: normal losses of mean zero and an exponentially weighted covariance."""

    kind: Literal["ewma"]
    decay: Decay = 0.94
    """Each period weighs this much of the next one; 0.94 is RiskMetrics' for days."""

    def engine(self) -> Ewma:
        return Ewma(self.decay)


class FilteredHistoricalMethod(_Method):
    """Past shocks at the next period's volatility, by a GARCH(1,1)."""

    kind: Literal["filteredHistorical"]
    convention: Convention = "inverted_cdf"
    """Of the quantile of the losses, by NumPy's names."""

    def engine(self) -> FilteredHistorical:
        return FilteredHistorical(convention=self.convention)


class MonteCarloMethod(_Method):
    """Simulated joint losses of the sample's mean and covariance."""

    kind: Literal["monteCarlo"]
    degrees_of_freedom: Annotated[float, Field(gt=2, le=200)] | None = None
    """Of a joint Student t; null is jointly normal."""
    draws: Annotated[int, Field(ge=1000, le=1_000_000)] = 100_000
    """Simulated periods; draws times positions are at most 20 million."""
    seed: Count = 0
    """The same request gives the same numbers; another seed gives others as good."""
    convention: Convention = "inverted_cdf"
    """Of the quantile of the losses, by NumPy's names."""

    def engine(self) -> MonteCarlo:
        return MonteCarlo(
            draws=self.draws,
            seed=self.seed,
            freedom=self.degrees_of_freedom,
            convention=self.convention,
        )


class PeaksOverThresholdMethod(_Method):
    """A generalised Pareto tail beyond a high loss."""

    kind: Literal["peaksOverThreshold"]
    exceedances: Annotated[float, Field(ge=0.01, le=0.5)] = 0.1
    """The share of the periods whose losses make the tail."""

    def engine(self) -> PeaksOverThreshold:
        return PeaksOverThreshold(exceedances=self.exceedances)


MarketMethod = Annotated[
    HistoricalMethod
    | NormalMethod
    | StudentTMethod
    | CornishFisherMethod
    | EwmaMethod
    | FilteredHistoricalMethod
    | MonteCarloMethod
    | PeaksOverThresholdMethod,
    Field(discriminator="kind"),
    UNTAGGED,
]


@contextmanager
def renamed_fields(names: Mapping[str, str]) -> Iterator[None]:
    """Report what the engine refuses by the name that the field has in this request."""
    try:
        yield
    except InvalidInput as refusal:
        raise InvalidInput(
            names.get(refusal.field, refusal.field),
            expected=refusal.expected,
            received=refusal.received,
        ) from refusal
