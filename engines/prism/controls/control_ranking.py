"""Which controls to buy, in which order, and for how much money what loss is left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.prism.controls.control import acting
from engines.prism.controls.expected_loss import ExpectedLoss
from engines.prism.distributions import Floats
from engines.prism.fair_node import CONTEST
from engines.progress import Progress

MAX_ENUMERATED: Final = 15
"""Controls whose every combination is tried: 32768 of them."""
MAX_FRONTIER: Final = 100
_MAX_WORK: Final = 1 << 17
"""Scenarios worked out for an enumeration, a contest counting as `_CONTEST_WORK`."""
_CONTEST_WORK: Final = 64
_ROUNDING: Final = 1e-9
"""Relative: a budget that is the sum of some costs is enough for them."""


class Search(StrEnum):
    """How the choice was found."""

    ENUMERATION = "enumeration"
    """Every combination was tried: there is no better one."""
    GREEDY = "greedy"
    """One after the other by return, given those before: there may be a better combination."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Controls by number, what they cost a year, and the expected annual loss they leave."""

    controls: tuple[int, ...]
    cost: float
    loss_after: float


@dataclass(frozen=True, kw_only=True)
class Step:
    """The next control to buy, judged beside those bought before."""

    control: int
    marginal_reduction: float
    """Of the expected annual loss."""
    marginal_rosi: float | None
    """(marginal reduction - cost) / cost; `None` if it costs nothing."""
    cumulated_cost: float
    loss_after: float


@dataclass(frozen=True, kw_only=True)
class ControlRanking:
    """An order to buy controls in, the best choice, and the efficient frontier."""

    steps: tuple[Step, ...]
    """All controls, the best return first, each given those before it."""
    best: Choice
    """Within a budget, the least expected loss; without one, the least expected loss plus cost."""
    frontier: tuple[Choice, ...]
    """Ascending by cost: no choice that was looked at leaves less loss for the same money. At most
    `MAX_FRONTIER` of them, evenly thinned."""
    search: Search


def rank_controls(
    expected: ExpectedLoss, *, budget: float | None, progress: Progress
) -> ControlRanking:
    """Rank controls by expected loss, with expected effects and costs, and all interactions."""
    costs = [control.mean_cost_per_year for control in expected.controls]
    steps = _steps(expected, costs, progress)
    if _enumerable(expected):
        search, choices = Search.ENUMERATION, _enumeration(expected, costs, budget, progress)
    else:
        search, choices = Search.GREEDY, _greedy(expected, costs, budget, progress)
    best, frontier = choices
    return ControlRanking(steps=steps, best=best, frontier=frontier, search=search)


def _steps(expected: ExpectedLoss, costs: Sequence[float], progress: Progress) -> tuple[Step, ...]:
    steps: list[Step] = []
    chosen: tuple[int, ...] = ()
    left, spent = expected.mean(()), 0.0
    while (found := _next(expected, costs, chosen, math.inf, progress)) is not None:
        control, after = found
        cost = costs[control]
        spent += cost
        chosen = (*chosen, control)
        steps.append(
            Step(
                control=control,
                marginal_reduction=left - after,
                marginal_rosi=(left - after - cost) / cost if cost > 0 else None,
                cumulated_cost=spent,
                loss_after=after,
            )
        )
        left = after
    return tuple(steps)


def _next(
    expected: ExpectedLoss,
    costs: Sequence[float],
    chosen: tuple[int, ...],
    money: float,
    progress: Progress,
) -> tuple[int, float] | None:
    """Give the affordable control of the best marginal return, and the loss it leaves."""
    before = expected.mean(chosen)
    best: tuple[float, int, float] | None = None
    for k, cost in enumerate(costs):
        if k in chosen or cost > money:
            continue
        progress(0.0, "ranking controls")
        after = expected.mean((*chosen, k))
        reduction = before - after
        worth = reduction / cost if cost > 0 else math.copysign(math.inf, reduction)
        if best is None or worth > best[0]:
            best = worth, k, after
    return None if best is None else best[1:]


def _greedy(
    expected: ExpectedLoss, costs: Sequence[float], budget: float | None, progress: Progress
) -> tuple[Choice, tuple[Choice, ...]]:
    """Buy while there is money, or, without a budget, while the next one pays for itself."""
    path = [Choice(controls=(), cost=0.0, loss_after=expected.mean(()))]
    allowed = math.inf if budget is None else budget * (1 + _ROUNDING)
    while True:
        last = path[-1]
        found = _next(expected, costs, last.controls, allowed - last.cost, progress)
        if found is None:
            break
        control, after = found
        saved, cost = last.loss_after - after, costs[control]
        if saved <= (cost if budget is None else 0.0):
            break
        path.append(
            Choice(controls=(*last.controls, control), cost=last.cost + cost, loss_after=after)
        )
    ordered = [
        Choice(controls=tuple(sorted(each.controls)), cost=each.cost, loss_after=each.loss_after)
        for each in path
    ]
    return ordered[-1], _thinned(ordered)


def _enumerable(expected: ExpectedLoss) -> bool:
    if len(expected.controls) > MAX_ENUMERATED:
        return False
    work = 0
    for name in expected.scenarios:
        actions = acting(expected.controls, range(len(expected.controls)), name)
        contest = any(expected.controls[k].actions[j].node in CONTEST for k, j in actions)
        work += (_CONTEST_WORK if contest else 1) << len({k for k, _ in actions})
    return work <= _MAX_WORK


def _enumeration(
    expected: ExpectedLoss, costs: Sequence[float], budget: float | None, progress: Progress
) -> tuple[Choice, tuple[Choice, ...]]:
    count = len(costs)
    chosen = (np.arange(1 << count)[:, None] >> np.arange(count)) & 1
    cost = chosen @ np.asarray(costs)
    loss = np.zeros(cost.size)
    for i, name in enumerate(expected.scenarios):
        loss += _losses(expected, name, chosen, i / len(expected.scenarios), progress)

    def choice(at: int) -> Choice:
        controls = tuple(np.flatnonzero(chosen[at]).tolist())
        return Choice(controls=controls, cost=float(cost[at]), loss_after=float(loss[at]))

    if budget is None:
        best = int(np.lexsort((cost, loss + cost))[0])
    else:
        affordable = np.flatnonzero(cost <= budget * (1 + _ROUNDING))
        best = int(affordable[np.lexsort((cost[affordable], loss[affordable]))[0]])
    order = np.lexsort((loss, cost))
    least = np.minimum.accumulate(loss[order])
    # What an expensive choice saves beyond a cheaper one must be more than rounding.
    better = np.append(True, least[1:] < least[:-1] - _ROUNDING * loss[0])
    return choice(best), _thinned([choice(int(at)) for at in order[better]])


def _losses(
    expected: ExpectedLoss, name: str, chosen: NDArray[np.int64], done: float, progress: Progress
) -> Floats:
    """Give a scenario's loss under every combination, worked out once for those that differ."""
    meets = sorted({k for k, _ in acting(expected.controls, range(chosen.shape[1]), name)})
    table = np.empty(1 << len(meets))
    for mask in range(table.size):
        if mask % 16 == 0:
            progress(done, "trying combinations of controls")
        some = [k for i, k in enumerate(meets) if mask >> i & 1]
        table[mask] = expected.mean_of(name, some)
    return table[chosen[:, meets] @ (1 << np.arange(len(meets)))]


def _thinned(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    kept = np.unique(np.linspace(0, len(choices) - 1, MAX_FRONTIER).round().astype(int))
    return tuple(choices[at] for at in kept.tolist())
