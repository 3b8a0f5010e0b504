"""What loss events cost in several variants of a scenario, each event drawn once for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engines.prism.controls.effect_draws import DRAWS
from engines.prism.controls.shared_variates import Source, shared_variates
from engines.prism.distributions import Distribution, Floats

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PairedLosses:
    """Forms of loss, which variants may replace or scale. What variants share is kept once."""

    kinds: tuple[tuple[int, Distribution], ...]
    """The distributions in use, each with the form it is one of. Those of one form share their
    random numbers."""
    which: Integers
    """The kind of each form (variants, forms)."""
    scales: Floats
    """What a loss may be multiplied by (scales, draws)."""
    scaled_by: Integers
    """The scale of each form (variants, forms)."""

    @classmethod
    def of(
        cls,
        losses: Sequence[tuple[Distribution, ...]],
        factors: Sequence[tuple[Floats, ...]],
    ) -> PairedLosses:
        """Give the forms from the distributions and factors of each variant, both by form."""
        kinds: dict[tuple[int, Distribution], int] = {}
        scales: dict[bytes, tuple[int, Floats]] = {}
        shape = len(losses), len(losses[0])
        which, scaled_by = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for variant in range(shape[0]):
            for form in range(shape[1]):
                loss, factor = losses[variant][form], factors[variant][form]
                which[variant, form] = kinds.setdefault((form, loss), len(kinds))
                known = scales.setdefault(factor.tobytes(), (len(scales), factor))
                scaled_by[variant, form] = known[0]
        rows = [np.broadcast_to(factor, DRAWS) for _, factor in scales.values()]
        return cls(tuple(kinds), which, np.stack(rows or [np.ones(DRAWS)]), scaled_by)

    def draw(self, starts: Sequence[int], first: int, size: int) -> Floats:
        """Give values of every kind (kinds, size), from words `first` on of each form's stream."""
        values = np.empty((max(1, len(self.kinds)), size))
        for row, (form, loss) in zip(values, self.kinds, strict=False):
            row[:] = self._sources[loss](starts[form], first, size)
        return values

    def sums(self, values: Floats, draws: Integers) -> Floats:
        """Give the sum over the forms (variants, size), for values with these numbers of draws."""
        sums = np.zeros((self.which.shape[0], draws.size))
        for variant, form in np.ndindex(self.which.shape):
            scale = self.scales[self.scaled_by[variant, form]]
            sums[variant] += values[self.which[variant, form]] * scale[draws]
        return sums

    @cached_property
    def _sources(self) -> dict[Distribution, Source]:
        return {loss: shared_variates(loss) for _, loss in self.kinds}


@njit(cache=True)
def add_events(  # type: ignore[no-untyped-def]
    annual, years, draws, marks, shares,
    primary, which, scales, scaled_by,
    occurs, probabilities, secondary, which_secondary, secondary_scales, secondary_scaled_by,
):  # fmt: skip
    """Add to each variant's `annual` (variants, years) the events that it keeps.

    For each event its year, its mark, and where its secondary loss occurs; for each variant and
    year the share of events kept; for each variant and draw the probability of a secondary loss.
    """
    variants, forms = which.shape
    secondary_forms = which_secondary.shape[1]
    for event in range(years.size):
        year = years[event]
        draw = draws[year]
        for variant in range(variants):
            if marks[event] >= shares[variant, year]:
                continue
            loss = 0.0
            for form in range(forms):
                scale = scales[scaled_by[variant, form], draw]
                loss += primary[which[variant, form], event] * scale
            if occurs[event] < probabilities[variant, draw]:
                for form in range(secondary_forms):
                    scale = secondary_scales[secondary_scaled_by[variant, form], draw]
                    loss += secondary[which_secondary[variant, form], event] * scale
            annual[variant, year] += loss
