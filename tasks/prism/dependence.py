"""How the scenarios of a portfolio depend on each other, as it crosses the wire."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engines.errors import InvalidInput
from engines.prism.dependence import copulas
from tasks.payload import Payload
from tasks.refusal import UNTAGGED, refused_fields

# Not strict: inside a union with a discriminator, JSON arrays come as lists.
_SIZE = Field(min_length=1, max_length=copulas.MAX_DENSE, strict=False)
Row = Annotated[tuple[Annotated[float, Field(ge=-1, le=1)], ...], _SIZE]


class Correlation(Payload):
    """A correlation for every pair of scenarios, in the request's order."""

    matrix: Annotated[tuple[Row, ...], _SIZE]
    """Symmetric, with ones on the diagonal."""
    measure: Literal["pearson", "spearman", "kendall"]
    """What the entries are. `pearson`: of the normal (or t) variables inside the copula, not of the
    losses. `spearman`, `kendall`: of ranks. A t copula takes `pearson` or `kendall`."""
    repair: bool = False
    """Whether entries that contradict each other are replaced by the nearest possible ones
    (Higham); without it they are refused."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            self.engine()
        return self

    def engine(self) -> copulas.Correlation:
        return copulas.Correlation(
            matrix=self.matrix,
            measure=copulas.CorrelationMeasure(self.measure),
            repair=self.repair,
        )


class GaussianCopula(Payload):
    """That of correlated normals; in the far tail it fades to independence."""

    copula: Literal["gaussian"]
    correlation: Correlation

    def engine(self) -> copulas.Copula:
        return copulas.GaussianCopula(self.correlation.engine())


class StudentTCopula(Payload):
    """That of correlated t variables: extreme years come together."""

    copula: Literal["studentT"]
    correlation: Correlation
    degrees_of_freedom: Annotated[
        float,
        Field(ge=copulas.DEGREES_OF_FREEDOM[0], le=copulas.DEGREES_OF_FREEDOM[1]),
    ]
    """The fewer, the more the extremes come together."""

    def engine(self) -> copulas.Copula:
        return copulas.StudentTCopula(
            correlation=self.correlation.engine(), degrees_of_freedom=self.degrees_of_freedom
        )


class ArchimedeanCopula(Payload):
    """The same dependence between every pair. `clayton`: good years come together. `gumbel`: bad
    years do. `frank`: neither in the extremes."""

    copula: Literal["clayton", "gumbel", "frank"]
    """Which one."""
    theta: Annotated[float, Field(ge=-copulas.FRANK_THETA[1], le=copulas.FRANK_THETA[1])]
    """The copula's parameter; below 0 for `frank` and two scenarios only."""

    def engine(self) -> copulas.Copula:
        match self.copula:
            case "clayton":
                return copulas.ClaytonCopula(self.theta)
            case "gumbel":
                return copulas.GumbelCopula(self.theta)
            case "frank":
                return copulas.FrankCopula(self.theta)


Copula = Annotated[
    GaussianCopula | StudentTCopula | ArchimedeanCopula, Field(discriminator="copula"), UNTAGGED
]


class Dependence(Payload):
    """A copula, and what of the scenarios it joins."""

    copula: Copula
    """What the dependence is like, whatever each scenario is by itself."""
    of: Literal["annualLoss", "frequency"] = "annualLoss"
    """`annualLoss`: the year's losses. `frequency`: the numbers of loss events, while what each
    event costs stays independent."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            try:
                self.engine()
            except InvalidInput as refusal:
                raise InvalidInput(
                    f"copula.{refusal.field}",
                    expected=refusal.expected,
                    received=refusal.received,
                ) from refusal
        return self

    def engine(self) -> copulas.Dependence:
        return copulas.Dependence(copula=self.copula.engine(), of=copulas.Dependent(self.of))
