"""Distributions as they cross the wire."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from typing_extensions import TypeAliasType

from engines.errors import InvalidInput
from engines.prism import distributions
from engines.prism.distributions.counting import LARGEST_COUNT
from tasks.payload import Payload
from tasks.refusal import UNTAGGED, refused_fields, refused_value

_LARGEST: Final = distributions.LARGEST

Amount = Annotated[float, Field(ge=0, le=_LARGEST)]
Positive = Annotated[float, Field(gt=0, le=_LARGEST)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Family(Payload):
    """A distribution that its engine has accepted."""

    # The same type in requests and results: what may be left out is not promised in either.
    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    def engine(self) -> distributions.Distribution:
        """Give what computes with it."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            self.engine()
        return self


class Constant(_Family):
    """A value known for sure. A plain number says the same."""

    distribution: Literal["constant"]
    value: Amount
    """The only one."""

    def engine(self) -> distributions.Constant:
        return distributions.Constant(self.value)


class Pert(_Family):
    """A smallest, a most likely and a largest value."""

    distribution: Literal["pert"]
    low: Amount
    """The smallest value."""
    mode: Amount
    """The most likely value, from `low` to `high`."""
    high: Amount
    """More than `low`."""
    gamma: Annotated[float, Field(ge=0, le=distributions.Pert.LARGEST_GAMMA)] = 4
    """How strongly the mode is believed: 4 is the classic PERT, 0 is uniform."""
    convention: distributions.PertConvention = "vose"
    """`pyfair` has the same mean and, as pyfair does, the deviation (high - low) / (gamma + 2)."""

    def engine(self) -> distributions.Pert:
        return distributions.Pert(self.low, self.mode, self.high, self.gamma, self.convention)


class Triangular(_Family):
    """A smallest, a most likely and a largest value, joined by straight lines."""

    distribution: Literal["triangular"]
    low: Amount
    """The smallest value."""
    mode: Amount
    """The most likely value, from `low` to `high`."""
    high: Amount
    """More than `low`."""

    def engine(self) -> distributions.Triangular:
        return distributions.Triangular(self.low, self.mode, self.high)


class Uniform(_Family):
    """Two bounds, and nothing known between them."""

    distribution: Literal["uniform"]
    low: Amount
    """The smallest value."""
    high: Amount
    """More than `low`."""

    def engine(self) -> distributions.Uniform:
        return distributions.Uniform(self.low, self.high)


class Normal(_Family):
    """A bell curve, given that it falls from `low` to `high`."""

    distribution: Literal["normal"]
    mean: Annotated[float, Field(ge=-_LARGEST, le=_LARGEST)]
    """Of the whole bell. Cutting off a part moves the mean of the rest."""
    standard_deviation: Positive
    """Of the whole bell."""
    low: Amount = 0
    """The smallest value."""
    high: Amount | None = None
    """The largest value, more than `low`; null for none."""

    def engine(self) -> distributions.Normal:
        bounds = (self.low,) if self.high is None else (self.low, self.high)
        return distributions.Normal(self.mean, self.standard_deviation, *bounds)


class Lognormal(_Family):
    """An amount without a largest value, told in one of three ways.

    Its 90% interval (`low` and `high`), its logarithm's mean and deviation (`mu` and `sigma`), or
    its own (`mean` and `standardDeviation`).
    """

    distribution: Literal["lognormal"]
    low: Amount | None = None
    """Above 0; 5% lies below it."""
    high: Amount | None = None
    """More than `low`; 5% lies above it."""
    mu: Annotated[float, Field(ge=distributions.Lognormal.SMALLEST_MU, le=35)] | None = None
    """Mean of the natural logarithm."""
    sigma: Annotated[float, Field(gt=0, le=distributions.Lognormal.LARGEST_SIGMA)] | None = None
    """Standard deviation of the natural logarithm."""
    mean: Positive | None = None
    """The expected value."""
    standard_deviation: Positive | None = None
    """Of the value itself."""

    def engine(self) -> distributions.Lognormal:
        match self._told():
            case ("low", low, high):
                return distributions.Lognormal.from_interval(low, high)
            case ("mu", mu, sigma):
                return distributions.Lognormal(mu, sigma)
            case (_, mean, standard_deviation):
                return distributions.Lognormal.from_moments(mean, standard_deviation)

    def _told(self) -> tuple[str, float, float]:
        """Give the first field of the pair that is given, and its two values."""
        pairs = (("low", "high"), ("mu", "sigma"), ("mean", "standard_deviation"))
        given = [pair for pair in pairs if any(getattr(self, name) is not None for name in pair)]
        if not given:
            expected = "low and high, or mu and sigma, or mean and standardDeviation"
            raise InvalidInput("low", expected=expected, received="none of them")
        if len(given) > 1:
            second = next(name for name in given[1] if getattr(self, name) is not None)
            expected = f"nothing beside {given[0][0]} and {to_camel(given[0][1])}"
            raise InvalidInput(second, expected=expected, received="both")
        first, second = given[0]
        for name, other in ((first, second), (second, first)):
            if getattr(self, name) is None:
                raise InvalidInput(name, expected=f"this beside {to_camel(other)}", received="none")
        return first, getattr(self, first), getattr(self, second)


class Gamma(_Family):
    """An amount, or a rate, whose tail falls exponentially; its mean is shape * scale."""

    distribution: Literal["gamma"]
    shape: Annotated[
        float,
        Field(ge=distributions.Gamma.SMALLEST_SHAPE, le=distributions.Gamma.LARGEST_SHAPE),
    ]
    """The larger, the more like a bell; 1 is the exponential."""
    scale: Positive
    """In the unit of the value."""

    def engine(self) -> distributions.Gamma:
        return distributions.Gamma(self.shape, self.scale)


_BetaShape = Annotated[
    float, Field(ge=distributions.Beta.SMALLEST_SHAPE, le=distributions.Beta.LARGEST_SHAPE)
]


class Beta(_Family):
    """A share, or a value between two other bounds."""

    distribution: Literal["beta"]
    alpha: _BetaShape
    """The larger beside `beta`, the nearer to `high`."""
    beta: _BetaShape
    """The larger beside `alpha`, the nearer to `low`."""
    low: Amount = 0
    """The smallest value."""
    high: Amount = 1
    """More than `low`."""

    def engine(self) -> distributions.Beta:
        return distributions.Beta(self.alpha, self.beta, self.low, self.high)


class Poisson(_Family):
    """A number of events that come independently."""

    distribution: Literal["poisson"]
    rate: Annotated[float, Field(ge=0, le=LARGEST_COUNT)]
    """The mean."""

    def engine(self) -> distributions.Poisson:
        return distributions.Poisson(self.rate)


class NegativeBinomial(_Family):
    """A number of events that come in clusters: its variance is mean + mean² / size."""

    distribution: Literal["negativeBinomial"]
    mean: Annotated[float, Field(ge=0, le=LARGEST_COUNT)]
    """The expected number."""
    size: Annotated[
        float,
        Field(
            ge=distributions.NegativeBinomial.SMALLEST_SIZE,
            le=distributions.NegativeBinomial.LARGEST_SIZE,
        ),
    ]
    """The smaller, the more clustered; it is the r of (r, p), and p = r / (r + mean)."""

    def engine(self) -> distributions.NegativeBinomial:
        return distributions.NegativeBinomial(self.mean, self.size)


class Binomial(_Family):
    """A number of successes among independent trials."""

    distribution: Literal["binomial"]
    trials: Annotated[int, Field(ge=1, le=int(LARGEST_COUNT))]
    """How often it is tried."""
    probability: Share
    """Of success, in each."""

    def engine(self) -> distributions.Binomial:
        return distributions.Binomial(self.trials, self.probability)


class GeneralisedPareto(_Family):
    """What exceeds a threshold, as extreme value theory has it."""

    distribution: Literal["generalisedPareto"]
    shape: Annotated[float, Field(ge=distributions.GeneralisedPareto.SMALLEST_SHAPE, lt=1)]
    """The reciprocal of the tail index; at 1 the mean would be infinite. 0 is the exponential."""
    scale: Positive
    """In the unit of the value."""
    threshold: Amount = 0
    """The smallest value."""

    def engine(self) -> distributions.GeneralisedPareto:
        return distributions.GeneralisedPareto(self.shape, self.scale, self.threshold)


class Empirical(_Family):
    """Values as they were observed; no other ever comes."""

    distribution: Literal["empirical"]
    values: Annotated[
        tuple[Amount, ...],
        Field(min_length=1, max_length=distributions.Empirical.MOST_VALUES, strict=False),
    ]
    """In any order."""
    weights: (
        Annotated[
            tuple[Amount, ...],
            Field(min_length=1, max_length=distributions.Empirical.MOST_VALUES, strict=False),
        ]
        | None
    ) = None
    """How much each value counts beside the others; null for all the same."""

    def engine(self) -> distributions.Empirical:
        return distributions.Empirical(self.values, self.weights)


Family = (
    Constant
    | Pert
    | Triangular
    | Uniform
    | Normal
    | Lognormal
    | Gamma
    | Beta
    | Poisson
    | NegativeBinomial
    | Binomial
    | GeneralisedPareto
    | Empirical
)
_Tagged = Annotated[Family, Field(discriminator="distribution")]


def _number_as_constant(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not 0 <= value <= _LARGEST:
            raise refused_value(f"a number from 0 to {_LARGEST:g}")
        return Constant(distribution="constant", value=value)
    if not isinstance(value, dict | Payload):
        raise refused_value("a number, or an object that names its distribution")
    return value


Distribution = TypeAliasType(
    "Distribution",
    Annotated[
        _Tagged,
        UNTAGGED,
        BeforeValidator(_number_as_constant, json_schema_input_type=float | _Tagged),
        Field(description="What is known of an amount, a rate or a share; a number if it is sure."),
    ],
)
"""Any of them on the wire, or a number for a constant; in Python always one of the classes."""

WrittenDistribution = TypeAliasType(
    "WrittenDistribution",
    Annotated[
        Family,
        Field(
            discriminator="distribution",
            description="Any of them in a result, where a constant is not written as a number.",
        ),
    ],
)
