"""Controls compared: each alone, all together, and the best for the money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engines.errors import InvalidInput
from engines.prism.controls.control import Control, check_controls
from engines.prism.controls.control_ranking import ControlRanking, rank_controls
from engines.prism.controls.effect_draws import drawn_costs_per_year, drawn_effects, mean_effects
from engines.prism.controls.expected_loss import ExpectedLoss
from engines.prism.controls.paired_years import PairedYears, check_trials, simulate_pairs
from engines.prism.controls.return_on_investment import ReturnOnInvestment, return_on_investment
from engines.prism.scenario import Scenario
from engines.progress import Progress


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Some controls, by number: what they return, and the years under them."""

    controls: tuple[int, ...]
    investment: ReturnOnInvestment
    years: PairedYears


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What controls do to the losses of scenarios."""

    expected_before: float
    """The exact expected annual loss without controls."""
    years_before: PairedYears
    alone: tuple[Outcome, ...]
    """Each control by itself."""
    together: Outcome
    ranking: ControlRanking
    by_scenario: Mapping[str, tuple[float, float]]
    """The expected annual loss of each, without and with all controls."""


def check_comparison(
    scenarios: Mapping[str, Scenario], controls: Mapping[str, Control], trials: int
) -> None:
    """Refuse what `compare_controls` cannot answer, before anything is computed at length."""
    check_controls(controls, scenarios)
    check_trials(_expected(scenarios, controls, seed=0), trials)


def compare_controls(
    scenarios: Mapping[str, Scenario],
    controls: Mapping[str, Control],
    *,
    budget: float | None,
    trials: int,
    seed: int,
    progress: Progress,
) -> Comparison:
    """Judge each control by itself and all together, and rank them within a budget a year.

    Expectations are exact; distributions are those of `trials` years, the same for all choices.
    Raises `InvalidInput` as `check_comparison` does.
    """
    check_comparison(scenarios, controls, trials)
    if budget is not None and not budget >= 0:
        raise InvalidInput("budget_per_year", expected="0 or more", received=budget)
    listed = tuple(controls.values())
    everything = tuple(range(len(listed)))
    choices = tuple({(k,): None for k in everything} | {everything: None})
    mean = _expected(scenarios, controls, seed)
    drawn = ExpectedLoss(scenarios=scenarios, controls=listed, effects=drawn_effects(listed, seed))
    costs = drawn_costs_per_year(listed, seed)
    before = drawn.given_effects(())
    investments = {}
    for chosen in choices:
        progress(0.0, "working out expected losses")
        investments[chosen] = return_on_investment(
            chosen, controls=listed, mean=mean, before=before, drawn=drawn, costs=costs
        )
    ranking = rank_controls(mean, budget=budget, progress=progress)
    years = simulate_pairs(drawn, ((), *choices), trials=trials, seed=seed, progress=progress)
    outcomes = {
        chosen: Outcome(controls=chosen, investment=investments[chosen], years=under)
        for chosen, under in zip(choices, years[1:], strict=True)
    }
    return Comparison(
        expected_before=mean.mean(()),
        years_before=years[0],
        alone=tuple(outcomes[k,] for k in everything),
        together=outcomes[everything],
        ranking=ranking,
        by_scenario={
            name: (mean.mean_of(name, ()), mean.mean_of(name, everything)) for name in scenarios
        },
    )


def _expected(
    scenarios: Mapping[str, Scenario], controls: Mapping[str, Control], seed: int
) -> ExpectedLoss:
    listed = tuple(controls.values())
    return ExpectedLoss(scenarios=scenarios, controls=listed, effects=mean_effects(listed, seed))
