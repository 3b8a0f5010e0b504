"""Which engine answers a question, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engines.errors import InvalidInput
from engines.prism.analytic.lattice_limits import why_not_on_a_lattice
from engines.prism.insurance import EVERYTHING
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import AnnualLossModel


class Engine(StrEnum):
    """The ways to compute the distribution of an annual loss."""

    AUTO = "auto"
    ANALYTIC = "analytic"
    """Exact, by Fourier transform: independent loss events only."""
    MONTE_CARLO = "monteCarlo"
    """Simulated years."""
    COPULA = "copula"
    """Exact scenarios, joined by a copula in simulated years."""
    QUASI_MONTE_CARLO = "quasiMonteCarlo"
    """Frequency times magnitude over evenly spread points."""


@dataclass(frozen=True)
class Choice:
    """An engine, and why it."""

    engine: Engine
    reason: str


def choose_engine(
    asked: Engine, portfolio: Portfolio, *, is_dependent: bool, largest_event: bool
) -> Choice:
    """Give the engine for a portfolio. Raises `InvalidInput` where the asked one cannot answer."""
    if AnnualLossModel.PRODUCT in _models(portfolio):
        _refuse_events(portfolio, largest_event)
    why_not = {
        Engine.ANALYTIC: _why_not_analytic(portfolio, is_dependent),
        Engine.MONTE_CARLO: _why_not_monte_carlo(is_dependent),
        Engine.COPULA: _why_not_copula(portfolio, is_dependent),
        Engine.QUASI_MONTE_CARLO: _why_not_quasi_monte_carlo(portfolio, is_dependent),
    }
    if asked is Engine.AUTO:
        return _best(why_not)
    if (reason := why_not[asked]) is not None:
        able = " or ".join(each for each in why_not if why_not[each] is None)
        raise InvalidInput("engine", expected=f"auto, or {able}: {reason}", received=asked)
    return Choice(asked, "asked for")


def _refuse_events(portfolio: Portfolio, largest_event: bool) -> None:
    expected = "nothing about single events: frequency times magnitude has none"
    if largest_event:
        raise InvalidInput("largestEvent", expected=expected, received=True)
    if portfolio.insurance is not None and portfolio.insurance.looks_at_events:
        raise InvalidInput("insurance.perOccurrence", expected=expected, received="a layer")


def _best(why_not: dict[Engine, str | None]) -> Choice:
    if why_not[Engine.ANALYTIC] is None:
        return Choice(Engine.ANALYTIC, "the loss events are independent, so no trials are needed")
    if why_not[Engine.COPULA] is None:
        return Choice(Engine.COPULA, "a dependence between the scenarios is given")
    if why_not[Engine.MONTE_CARLO] is None:
        return Choice(Engine.MONTE_CARLO, str(why_not[Engine.ANALYTIC]))
    raise InvalidInput(
        "engine", expected="a question one of the engines can answer", received="auto"
    )


def _why_not_analytic(portfolio: Portfolio, is_dependent: bool) -> str | None:
    if is_dependent:
        return "a dependence between the scenarios takes simulated years"
    if AnnualLossModel.PRODUCT in _models(portfolio):
        return "frequency times magnitude is simulated"
    if (reason := why_not_on_a_lattice(portfolio)) is not None:
        return reason
    insurance = portfolio.insurance
    if insurance is not None and EVERYTHING not in (
        insurance.per_occurrence,
        insurance.annual_aggregate,
    ):
        return "with layers per occurrence and per year the net loss takes simulated years"
    return None


def _why_not_monte_carlo(is_dependent: bool) -> str | None:
    return "it has no dependence between scenarios" if is_dependent else None


def _why_not_copula(portfolio: Portfolio, is_dependent: bool) -> str | None:
    if not is_dependent:
        return "copula needs a dependence"
    if AnnualLossModel.PRODUCT in _models(portfolio):
        return "copula joins compound years, not frequency times magnitude"
    return None


def _why_not_quasi_monte_carlo(portfolio: Portfolio, is_dependent: bool) -> str | None:
    if is_dependent:
        return "it has no dependence between scenarios"
    if AnnualLossModel.COMPOUND in _models(portfolio):
        return "quasiMonteCarlo computes annualLossModel product only"
    return None


def _models(portfolio: Portfolio) -> set[AnnualLossModel]:
    return {scenario.annual_loss for scenario in portfolio.scenarios.values()}
