"""What to fit a distribution to, as it crosses the wire."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engines.errors import InvalidInput
from engines.prism.fitting.estimates import check_quantiles, fit_range
from engines.prism.fitting.model import FamilyName
from engines.prism.fitting.observations import (
    MOST_SAMPLES,
    MOST_VALUES,
    check_work,
    families_of,
    usable,
)
from tasks.payload import MAX_SAFE_INTEGER, Payload
from tasks.prism.distribution import Amount, Positive
from tasks.prism.picture import PictureFormats
from tasks.refusal import UNTAGGED, refused_fields

Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Quantile(Payload):
    """A value, and the chance that the truth lies below it."""

    percent: Annotated[float, Field(gt=0, lt=100)]
    """5 for the value that the truth falls below once in twenty."""
    value: Positive
    """In the unit of all others."""


class Expert(Payload):
    """What one person believes."""

    quantiles: Annotated[tuple[Quantile, ...], Field(min_length=2, max_length=20, strict=False)]
    """Percents and values both rising."""
    weight: Annotated[float, Field(gt=0, le=1000)] = 1
    """How much this one counts beside the others."""

    @property
    def probabilities(self) -> tuple[float, ...]:
        return tuple(quantile.percent / 100 for quantile in self.quantiles)

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(quantile.value for quantile in self.quantiles)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            check_quantiles(self.probabilities, self.values)
            highest = self.quantiles[-1].percent
            if highest < 1:
                field = f"quantiles.{len(self.quantiles) - 1}.percent"
                raise InvalidInput(
                    field, expected="per cent, such as 95, not shares", received=highest
                )
        return self


class ExpertOpinions(Payload):
    """Quantiles that experts believe in.

    Of several experts each gets the family that fits him best; fitted is the mean of their
    distribution functions, by weight: the linear opinion pool (Stone, Annals of Mathematical
    Statistics 32, 1961). Where experts differ it is wider than each of them.
    """

    given: Literal["experts"]
    experts: Annotated[tuple[Expert, ...], Field(min_length=1, max_length=50, strict=False)]
    """One or more."""


class ThreePoints(Payload):
    """A smallest, a most likely and a largest value."""

    given: Literal["threePoints"]
    low: Amount
    """The smallest."""
    mode: Amount
    """From `low` to `high`."""
    high: Amount
    """More than `low`."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            fit_range("triangular", self.low, self.mode, self.high)
        return self


class Observations(Payload):
    """Amounts (or rates, or shares) or numbers of events that were observed."""

    given: Literal["observations"]
    kind: Literal["amounts", "counts"]
    """Whether the values lie on a continuous scale, or are numbers of things."""
    values: Annotated[tuple[Amount, ...], Field(min_length=2, max_length=MOST_VALUES, strict=False)]
    """In any order."""
    threshold: Amount = 0
    """Only amounts above it are fitted, and a generalised Pareto begins at it."""
    bootstrap_samples: Annotated[int, Field(ge=0, le=MOST_SAMPLES)] = 199
    """Behind each p-value; 0 for none."""
    seed: Annotated[int, Field(ge=0, le=MAX_SAFE_INTEGER)] = 0
    """The same request gives the same numbers."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            if self.kind == "counts" and self.threshold > 0:
                raise InvalidInput("threshold", expected="0 for counts", received=self.threshold)
            used = usable(self.values, kind=self.kind, threshold=self.threshold)
            check_work(used.size, len(families_of(self.kind)), self.bootstrap_samples)
        return self


class FitDistributionRequest(Payload):
    """Estimates or data, and the families that may fit them."""

    name: Line
    """What is estimated, on one line; the title of the picture."""
    evidence: Annotated[
        ExpertOpinions | ThreePoints | Observations, Field(discriminator="given"), UNTAGGED
    ]
    """What is known."""
    families: (
        Annotated[tuple[FamilyName, ...], Field(min_length=1, max_length=10, strict=False)] | None
    ) = None
    """Those to try, of equally good ones the first preferred; null for all that can take the
    evidence."""
    pictures: PictureFormats = ("png",)
    """Of quantiles, those of the evidence against those of the best fit; three points have none.
    None is the quickest answer."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        families = self.families
        with refused_fields(self):
            for place, family in enumerate(families or ()):
                if family in (families or ())[:place]:
                    raise InvalidInput(f"families.{place}", expected="each once", received=family)
            if families is not None and isinstance(self.evidence, Observations):
                able = {model.name for model in families_of(self.evidence.kind)}
                if not able & set(families):
                    expected = f"one of {', '.join(sorted(able))} for {self.evidence.kind}"
                    raise InvalidInput("families", expected=expected, received="others")
        return self
