"""Simulated years as shards hand them to the merge, bit for bit."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from engines.prism.monte_carlo import contributions, loss_cells
from engines.prism.monte_carlo.contributions import PartTally
from engines.prism.monte_carlo.simulation import SimulatedYears
from engines.prism.monte_carlo.tally import LossTally
from tasks.payload import Count, Payload
from tasks.prism.annual_loss_request import Trials

_MOST_PARTS = 2000
_LossCells = Annotated[tuple[Count, ...], Field(max_length=loss_cells.CELLS)]
_PartCells = Annotated[tuple[Count, ...], Field(max_length=contributions.CELLS)]
_Amounts = Annotated[tuple[float, ...], Field(max_length=100)]


class CountedLosses(Payload):
    """A `LossTally`."""

    trials: Trials
    cells: _LossCells
    counts: _LossCells
    residuals: _LossCells
    smallest: float
    largest: float
    thresholds: _Amounts
    above: Annotated[tuple[Count, ...], Field(max_length=100)]

    @classmethod
    def of(cls, tally: LossTally) -> CountedLosses:
        return cls(
            trials=tally.trials,
            cells=tuple(tally.cells.tolist()),
            counts=tuple(tally.counts.tolist()),
            residuals=tuple(tally.residuals.tolist()),
            smallest=tally.smallest,
            largest=tally.largest,
            thresholds=tally.thresholds,
            above=tally.above,
        )

    def tally(self) -> LossTally:
        return LossTally(
            trials=self.trials,
            cells=np.array(self.cells, dtype=np.int64),
            counts=np.array(self.counts, dtype=np.int64),
            residuals=np.array(self.residuals, dtype=np.int64),
            smallest=self.smallest,
            largest=self.largest,
            thresholds=self.thresholds,
            above=self.above,
        )


class CountedParts(Payload):
    """A `PartTally`."""

    names: Annotated[tuple[str, ...], Field(max_length=_MOST_PARTS)]
    cells: _PartCells
    sums: Annotated[tuple[_PartCells, ...], Field(max_length=_MOST_PARTS)]

    @classmethod
    def of(cls, tally: PartTally) -> CountedParts:
        return cls(
            names=tally.names,
            cells=tuple(tally.cells.tolist()),
            sums=tuple(map(tuple, tally.sums.tolist())),
        )

    def tally(self) -> PartTally:
        sums = np.array(self.sums, dtype=np.int64).reshape(len(self.names), len(self.cells))
        return PartTally(names=self.names, cells=np.array(self.cells, dtype=np.int64), sums=sums)


class CountedYears(Payload):
    """`SimulatedYears`."""

    gross: CountedLosses
    ceded: CountedLosses | None
    net: CountedLosses | None
    largest_event: CountedLosses | None
    by_scenario: CountedParts | None
    by_form: CountedParts | None

    @classmethod
    def of(cls, years: SimulatedYears) -> CountedYears:
        """Give the wire form."""
        return cls(
            gross=CountedLosses.of(years.gross),
            ceded=_losses(years.ceded),
            net=_losses(years.net),
            largest_event=_losses(years.largest_event),
            by_scenario=_parts(years.by_scenario),
            by_form=_parts(years.by_form),
        )

    def years(self) -> SimulatedYears:
        """Give back what `of` was made from."""
        return SimulatedYears(
            gross=self.gross.tally(),
            ceded=None if self.ceded is None else self.ceded.tally(),
            net=None if self.net is None else self.net.tally(),
            largest_event=None if self.largest_event is None else self.largest_event.tally(),
            by_scenario=None if self.by_scenario is None else self.by_scenario.tally(),
            by_form=None if self.by_form is None else self.by_form.tally(),
        )


def _losses(tally: LossTally | None) -> CountedLosses | None:
    return None if tally is None else CountedLosses.of(tally)


def _parts(tally: PartTally | None) -> CountedParts | None:
    return None if tally is None else CountedParts.of(tally)
