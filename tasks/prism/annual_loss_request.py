"""What every request for an annual loss has in common: how to compute it, and what to say of it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engines.errors import InvalidInput
from engines.prism import insurance as policies
from engines.prism.dependence import copulas
from engines.prism.engine_choice import Choice, Engine, choose_engine
from engines.prism.portfolio import Portfolio
from tasks.payload import MAX_SAFE_INTEGER, Payload
from tasks.prism.annual_loss import Percent
from tasks.prism.appetite import RiskAppetite
from tasks.prism.insurance import Insurance
from tasks.prism.picture import PictureFormats
from tasks.refusal import refused_fields

MAX_TRIALS = 10**9

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Seed = Annotated[int, Field(ge=0, le=MAX_SAFE_INTEGER)]
Trials = Annotated[int, Field(ge=1, le=MAX_TRIALS)]


class Precision(Payload):
    """How narrow an interval must be for the simulation to stop."""

    relative_half_width: Annotated[float, Field(ge=1e-4, le=0.5)]
    """Half the 95% interval, as a share of the value."""
    percent: Percent = 95
    """Of the percentile whose interval it is."""
    max_trials: Trials = 100_000_000
    """Simulated years after which it stops in any case."""


class AnnualLossRequest(Payload):
    """How to compute an annual loss, and what to say of it."""

    name: Name
    """What it is called, on one line; the title of the pictures."""
    currency: Currency
    """ISO 4217, of every amount in the request and the result."""
    engine: Literal["auto", "analytic", "monteCarlo", "copula", "quasiMonteCarlo"] = "auto"
    """How to compute it. `auto` takes the exact answer where there is one, checks it against a
    short simulation, and says why."""
    trials: Trials = 1 << 20
    """Simulated years; with `precision`, of the first look."""
    precision: Precision | None = None
    """Simulate until an interval is narrow enough. An analytic answer has no such interval."""
    seed: Seed = 0
    """The same request gives the same numbers; another seed gives others as good."""
    insurance: Insurance | None = None
    """The policy over all of it; without one the net loss is the gross loss."""
    appetite: RiskAppetite | None = None
    """Compared with the net loss."""
    percentiles: Annotated[tuple[Percent, ...], Field(max_length=100)] = (5, 50, 90, 95, 99)
    """In per cent of years: 95 asks for the loss that one year in twenty exceeds."""
    tail_percents: Annotated[tuple[Percent, ...], Field(max_length=20)] = (95, 99)
    """Where to give value at risk and tail value at risk, in per cent of years."""
    curve_points: Annotated[int, Field(ge=2, le=1000)] = 120
    """The most points an exceedance curve may have."""
    largest_event: bool = False
    """Whether to give the distribution of the year's largest single event as well (OEP)."""
    contributions: bool = False
    """Whether to say which scenario and which form of loss the mean and the tail come from."""
    pictures: PictureFormats = ("png",)
    """Of the exceedance curve. None is the quickest: drawing takes longer than a million years."""

    def portfolio(self) -> Portfolio:
        """Give the scenarios, and the policy that covers them."""
        raise NotImplementedError

    def joined_by(self) -> copulas.Dependence | None:
        """Give how the scenarios depend on each other, if they do."""
        return None

    def choice(self) -> Choice:
        """Give the engine to take. Raises `InvalidInput` where there is none."""
        dependence = self.joined_by()
        portfolio = self.portfolio()
        if dependence is not None:
            dependence.check_size(len(portfolio.scenarios))
        return choose_engine(
            Engine(self.engine),
            portfolio,
            is_dependent=dependence is not None,
            largest_event=self.largest_event,
        )

    def policy(self) -> policies.Insurance | None:
        """Give the insurance."""
        return None if self.insurance is None else self.insurance.engine()

    @property
    def amounts(self) -> tuple[float, ...]:
        """The losses whose probability of being exceeded is asked for."""
        return () if self.appetite is None else self.appetite.amounts

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        with refused_fields(self):
            self.choice()
            if self.precision is not None and self.precision.max_trials < self.trials:
                raise InvalidInput(
                    "precision.maxTrials",
                    expected=f"at least trials ({self.trials})",
                    received=self.precision.max_trials,
                )
        return self
