"""All that a shard needs to simulate scenarios that depend on each other, in a form that travels.

The coordinating job makes the tables once, and shards run from their bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from engines.errors import InvalidInput
from engines.prism.analytic.aggregate_loss import aggregate_loss
from engines.prism.analytic.exact_loss import ExactLoss
from engines.prism.dependence.copulas import Dependence, Dependent
from engines.prism.dependence.count_by_score import CountByScore
from engines.prism.dependence.loss_by_score import LossByScore
from engines.prism.dependence.score_draws import Family, ScoreTables
from engines.prism.dependence.score_link import ScoreLink
from engines.prism.event_count import EventCount, event_count
from engines.prism.insurance import EVERYTHING
from engines.prism.monte_carlo.packed_arrays import pack, unpack
from engines.prism.monte_carlo.table_book import TableBook
from engines.prism.monte_carlo.tables import Tables
from engines.prism.monte_carlo.tabulation import tabulate
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import AnnualLossModel
from engines.progress import Progress, unreported


@dataclass(frozen=True, eq=False)
class JointTables:
    """Scenarios and the copula that joins them, tabulated."""

    scores: ScoreTables
    years: LossByScore | CountByScore
    """What a score decides: a year's loss, or its number of events."""
    events: Tables
    """What is asked of the years; and what events cost, where scores decide their number."""

    def to_bytes(self) -> bytes:
        """Give the tables as bytes, the same for the same tables."""
        scores, link = self.scores, self.scores.link
        header = {
            "family": scores.family,
            "theta": scores.theta,
            "link": [link.start, link.per_unit],
            "years": type(self.years).__name__,
            "repair_distance": scores.repair_distance,
        }
        events = np.frombuffer(self.events.to_bytes(), dtype=np.uint8)
        tables = (scores.own, scores.shared, scores.factor, link.nodes, scores.logarithms)
        return pack(header, [events, *tables, *self.years.arrays])

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Give the tables that `to_bytes` wrote; raises `InvalidInput` for other bytes."""
        header, arrays = unpack(data)
        if "link" not in header:
            raise InvalidInput("tables", expected="tables of a copula", received="others")
        events, own, shared, factor, nodes, logarithms, *years = arrays
        start, per_unit = header["link"]
        link = ScoreLink(start, per_unit, nodes)
        family, theta = Family(header["family"]), header["theta"]
        distance = header["repair_distance"]
        return cls(
            ScoreTables(family, theta, own, shared, factor, link, logarithms, distance),
            (LossByScore if header["years"] == "LossByScore" else CountByScore)(*years),
            Tables.from_bytes(events.tobytes()),
        )

    @cached_property
    def sha256(self) -> str:
        """The digest of the bytes, by which shards and results name the tables."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def tabulate_jointly(
    portfolio: Portfolio,
    dependence: Dependence,
    *,
    amounts: Sequence[float] = (),
    largest_event: bool = False,
    contributions: bool = False,
    progress: Progress = unreported,
) -> JointTables:
    """Tabulate a portfolio, the copula that joins it, and what is asked of it.

    `amounts` are losses whose exceedance is counted exactly. Contributions are by scenario, and by
    form of loss too where events are joined by their numbers. Raises `InvalidInput` for what the
    copula cannot join, and where single events matter but annual losses are joined.
    """
    dependence.check_size(len(portfolio.scenarios))
    _check_compound(portfolio)
    scores = ScoreTables.of(dependence.copula, progress=progress)
    if dependence.of is Dependent.FREQUENCY:
        counts = CountByScore.of([*_event_counts(portfolio, progress)])
        events = tabulate(
            portfolio, amounts=amounts, largest_event=True, contributions=contributions
        )
        return JointTables(scores, counts, replace(events, has_events=largest_event))
    _check_no_events(portfolio, largest_event=largest_event)
    return JointTables(
        scores,
        LossByScore.of(_annual_losses(portfolio, progress)),
        _only_questions(portfolio, amounts, contributions=contributions),
    )


@dataclass(frozen=True)
class _Share:
    """Reports the progress of one of several equal steps as that of all."""

    progress: Progress
    done: int
    steps: int

    def __call__(self, fraction: float, message: str = "") -> None:
        self.progress((self.done + fraction) / self.steps, message)


def _event_counts(portfolio: Portfolio, progress: Progress) -> Iterator[EventCount]:
    for k, scenario in enumerate(portfolio.scenarios.values()):
        progress(k / len(portfolio.scenarios), "tabulating event counts")
        yield event_count(scenario)


def _annual_losses(portfolio: Portfolio, progress: Progress) -> Iterator[ExactLoss]:
    for k, (name, scenario) in enumerate(portfolio.scenarios.items()):
        share = _Share(progress, k, len(portfolio.scenarios))
        yield aggregate_loss(Portfolio(scenarios={name: scenario}), progress=share).gross


def _only_questions(
    portfolio: Portfolio, amounts: Sequence[float], *, contributions: bool
) -> Tables:
    """Give tables of no events."""
    layer = EVERYTHING if portfolio.insurance is None else portfolio.insurance.annual_aggregate
    whole = [EVERYTHING.deductible, EVERYTHING.limit]
    return Tables(
        arrays=TableBook().arrays([*whole, layer.deductible, layer.limit], amounts),
        names=tuple(portfolio.scenarios),
        forms=(),
        is_insured=portfolio.insurance is not None,
        has_events=False,
        has_contributions=contributions,
        draws_a_year=float(len(portfolio.scenarios)),
    )


def _check_compound(portfolio: Portfolio) -> None:
    for name, scenario in portfolio.scenarios.items():
        if scenario.annual_loss is not AnnualLossModel.COMPOUND:
            raise InvalidInput(
                f"scenarios.{name}.annualLossModel",
                expected="compound, where scenarios depend on each other",
                received=scenario.annual_loss,
            )


def _check_no_events(portfolio: Portfolio, *, largest_event: bool) -> None:
    insurance = portfolio.insurance
    expected = "where annual losses are joined, whose single events are not known"
    if insurance is not None and insurance.looks_at_events:
        expected = f"none {expected}"
        raise InvalidInput("insurance.perOccurrence", expected=expected, received="a layer")
    if largest_event:
        raise InvalidInput("largestEvent", expected=f"false {expected}", received="true")
