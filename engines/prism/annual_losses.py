"""A year's losses from every side: before and after insurance, by event, by part."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engines.prism.analytic import AggregateLoss
from engines.prism.analytic.contributions import Contribution
from engines.prism.annual_loss_answers import AnnualLossAnswers
from engines.prism.insurance import Insurance
from engines.prism.monte_carlo import contributions as simulated_parts
from engines.prism.monte_carlo.contributions import PartTally
from engines.prism.monte_carlo.simulated_loss import SimulatedLoss
from engines.prism.monte_carlo.simulation import SimulatedYears
from engines.prism.monte_carlo.tally import LossTally
from engines.prism.quasi_monte_carlo.replicated_losses import ReplicatedLosses


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a scenario or a form of loss brings to the gross annual loss."""

    name: str
    mean: float
    tails: tuple[float, ...]
    """Its mean in the worst years, for each percentile asked for."""


@dataclass(frozen=True, kw_only=True)
class AnnualLosses:
    """The answers to all that was asked; `None` and empty for what was not."""

    gross: AnnualLossAnswers
    ceded: AnnualLossAnswers | None = None
    net: AnnualLossAnswers | None = None
    largest_event: AnnualLossAnswers | None = None
    by_scenario: tuple[Part, ...] = ()
    by_form: tuple[Part, ...] = ()

    @property
    def borne(self) -> AnnualLossAnswers:
        """What the organisation pays itself."""
        return self.gross if self.net is None else self.net


def of_aggregate(
    loss: AggregateLoss, *, largest_event: bool, tail_percents: Sequence[float] | None
) -> AnnualLosses:
    """Give the exact answers; contributions at `tail_percents`, if not `None`."""
    by_scenario: tuple[Part, ...] = ()
    by_form: tuple[Part, ...] = ()
    if tail_percents is not None:
        # Without a percentile to look at the means are wanted still.
        at = [loss.contributions(percent) for percent in tail_percents or (50.0,)]
        tails = range(len(tail_percents))
        by_scenario = _summed(
            [[(part.scenario, part.mean, part.tail_mean) for part in each] for each in at], tails
        )
        by_form = _summed(
            [[(_form(part), part.mean, part.tail_mean) for part in each] for each in at], tails
        )
    return AnnualLosses(
        gross=loss.gross,
        ceded=loss.ceded,
        net=loss.net,
        largest_event=loss.largest_event if largest_event else None,
        by_scenario=by_scenario,
        by_form=by_form,
    )


def of_years(years: SimulatedYears, *, tail_percents: Sequence[float]) -> AnnualLosses:
    """Give the answers of simulated years."""
    return AnnualLosses(
        gross=SimulatedLoss(years.gross),
        ceded=_simulated(years.ceded),
        net=_simulated(years.net),
        largest_event=_simulated(years.largest_event),
        by_scenario=_parts(years.by_scenario, years.gross, tail_percents),
        by_form=_parts(years.by_form, years.gross, tail_percents),
    )


def of_points(losses: ReplicatedLosses, insurance: Insurance | None) -> AnnualLosses:
    """Give the answers of years over evenly spread points."""
    if insurance is None:
        return AnnualLosses(gross=losses)
    layer = insurance.annual_aggregate
    return AnnualLosses(gross=losses, ceded=losses.ceded(layer), net=losses.net(layer))


def _form(part: Contribution) -> str:
    return f"{'secondary' if part.is_secondary else 'primary'}.{part.form}"


def _simulated(tally: LossTally | None) -> SimulatedLoss | None:
    return None if tally is None else SimulatedLoss(tally)


def _parts(
    parts: PartTally | None, total: LossTally, tail_percents: Sequence[float]
) -> tuple[Part, ...]:
    if parts is None:
        return ()
    at = [simulated_parts.contributions(parts, total, p) for p in tail_percents or (50.0,)]
    split = [[(part.name, part.mean, part.tail) for part in each] for each in at]
    return _summed(split, range(len(tail_percents)))


def _summed(
    at: Sequence[Iterable[tuple[str, float, float]]], tails: Iterable[int]
) -> tuple[Part, ...]:
    """Give a part for each name, in order of appearance; means are the same at all percentiles."""
    by_name: dict[str, list[list[float]]] = {}
    for number, parts in enumerate(at):
        for name, mean, tail in parts:
            sums = by_name.setdefault(name, [[], *([] for _ in at)])
            if number == 0:
                sums[0].append(mean)
            sums[1 + number].append(tail)
    return tuple(
        Part(
            name=name,
            mean=math.fsum(sums[0]),
            tails=tuple(math.fsum(sums[1 + number]) for number in tails),
        )
        for name, sums in by_name.items()
    )
