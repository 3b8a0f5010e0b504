"""Losses by their rank, although only cells of them are known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from engines.prism.distributions import Floats
from engines.prism.monte_carlo.loss_cells import lower_edges, upper_edges
from engines.prism.monte_carlo.tally import LossTally

_CROWDED: Final = 30.0
"""Times the years of the fuller neighbour: whole numbers fall into cells less evenly than that."""
_FEW: Final = 64
"""Years in a cell that chance alone may bring."""
_AT_THE_END: Final = 0.999
"""Of a cell: an atom beyond is at its end, where the largest loss is."""


@dataclass(frozen=True, eq=False)
class RankedLosses:
    """Years in ascending order of their losses, placed within their cells.

    A cell that is crowded beyond its neighbours (years at the limit of a policy, sums of constants)
    holds an atom, of the years it has more than they, and where its mean says; all of them, if
    their residuals divide evenly. In any other cell the density is the straight line that has the
    mean of its years: the loss at a rank is then off by a small part of the third power of the
    cell's relative width.
    """

    low: Floats
    width: Floats
    means: Floats
    counts: NDArray[np.int64]
    tilts: Floats
    """Half the difference of the density at the ends of a cell, in (-1, 1) of its mean; 0 where
    there is an atom."""
    atoms: Floats
    """The share of a cell's years that are its atom; the others are spread evenly."""
    atom_places: Floats
    """Where in its cell the atom is, from 0 to 1."""

    @classmethod
    def of(cls, tally: LossTally) -> Self:
        """Take the cells of a tally, shortened where its smallest or largest loss is inside."""
        lower, upper = lower_edges(tally.cells), upper_edges(tally.cells)
        low, high = np.maximum(lower, tally.smallest), np.minimum(upper, tally.largest)
        width = np.maximum(high - low, 0.0)
        usual = _usual(tally, width, upper - lower)
        is_crowded = tally.counts > _CROWDED * usual + _FEW
        crowd = np.where(is_crowded, 1 - usual / tally.counts, 0.0)
        # Whole numbers divide evenly by chance too often: such a cell must stand out as well.
        stands_out = is_crowded | (usual == 0) | (tally.counts == 1)
        is_even = (tally.residuals % tally.counts == 0) & stands_out
        atoms = np.where(is_even | (width == 0), 1.0, crowd)
        with np.errstate(divide="ignore", invalid="ignore"):
            place = np.where(width > 0, (tally.means - low) / width, 0.5)
            atom_places = np.clip((place - (1 - atoms) / 2) / atoms, 0, 1)
        # What the others' spread makes uncertain must not move a limit off itself.
        atom_places = np.where(atom_places > _AT_THE_END, 1.0, atom_places)
        # A density 1 + tilt (2 t - 1) on (0, 1) has the mean 1/2 + tilt / 6.
        tilts = np.where(atoms > 0, 0.0, np.clip(6 * (place - 0.5), -1, 1))
        return cls(
            low, width, tally.means, tally.counts, tilts, atoms,
            np.where(atoms > 0, atom_places, 0.5),
        )  # fmt: skip

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """The rank of the last year of each cell."""
        return np.cumsum(self.counts)

    @property
    def variances(self) -> Floats:
        """The variance of the losses within each cell."""
        spread = (1 - self.atoms) * (1 / 12 + self.atoms * (self.atom_places - 0.5) ** 2)
        return np.asarray(self.width**2 * (spread - self.tilts**2 / 36))

    def loss_at(self, rank: float) -> float:
        """Give the loss that `rank` years, which need not be whole, do not exceed."""
        at = min(int(np.searchsorted(self.ends, rank)), self.ends.size - 1)
        share = 1 - (float(self.ends[at]) - rank) / float(self.counts[at])
        place = self._place(at, share)
        if self.atoms[at] > 0 and place == self.atom_places[at]:
            return self._atom(at)
        return float(self.low[at] + self.width[at] * place)

    def rank_of(self, amount: float) -> int:
        """Give how many years cost at most `amount`."""
        at = int(np.searchsorted(self.low, amount, side="right")) - 1
        if at < 0:
            return 0
        before, count = int(self.ends[at] - self.counts[at]), int(self.counts[at])
        width, atom = float(self.width[at]), float(self.atoms[at])
        place = min((amount - float(self.low[at])) / width, 1.0) if width > 0 else 1.0
        if atom == 0:
            return before + round(count * _share(place, float(self.tilts[at])))
        passed = self._atom(at) <= amount
        return before + round(count * ((1 - atom) * place + atom * passed))

    def tail(self, years: float) -> tuple[float, float]:
        """Give mean and variance of the worst `years`, which need not be whole."""
        counts, means, variances = self._tail(years)
        mean = math.fsum((counts * means).tolist()) / years
        mean = min(max(mean, float(means[0])), float(means[-1]))
        squares = counts * (variances + (means - mean) ** 2)
        return mean, math.fsum(squares.tolist()) / years

    def tail_sums(self, years: float) -> Floats:
        """Give the total of the worst `years`, which need not be whole, in each cell."""
        counts, means, _ = self._tail(years)
        return np.concatenate([np.zeros(self.ends.size - counts.size), counts * means])

    def _tail(self, years: float) -> tuple[Floats, Floats, Floats]:
        """Give years, mean and variance of the part of each cell in the tail, the last cells."""
        beyond = float(self.ends[-1]) - years
        at = min(int(np.searchsorted(self.ends, beyond, side="right")), self.ends.size - 1)
        inside = float(self.ends[at]) - beyond
        mean, variance = self._top(at, inside / float(self.counts[at]))
        return (
            np.append(inside, self.counts[at + 1 :]),
            np.append(mean, self.means[at + 1 :]),
            np.append(variance, self.variances[at + 1 :]),
        )

    def _top(self, at: int, share: float) -> tuple[float, float]:
        """Give mean and variance of the upper `share` of a cell."""
        place, atom = self._place(at, 1 - share), float(self.atoms[at])
        tilt, width = float(self.tilts[at]), float(self.width[at])
        # The integral of t (1 + tilt (2 t - 1)) from the place to 1, and what is left of the atom.
        spread = (1 - tilt) * (1 - place**2) / 2 + 2 * tilt * (1 - place**3) / 3
        left = max(share - (1 - atom) * (1 - place), 0.0) if atom > 0 else 0.0
        moment = (1 - atom) * spread + left * float(self.atom_places[at])
        middle = moment / share if share > 0 else 1.0
        if atom == 1:
            return float(self.means[at]), 0.0
        return float(self.low[at]) + width * middle, (width * (1 - place)) ** 2 / 12

    def _atom(self, at: int) -> float:
        """Give the loss that a cell's atom is; of one among others seven digits are known."""
        if self.atoms[at] == 1:
            return float(self.means[at])
        return float(self.low[at] + self.width[at] * self.atom_places[at])

    def _place(self, at: int, share: float) -> float:
        """Give the place up to which a share of a cell's years lies."""
        atom, where = float(self.atoms[at]), float(self.atom_places[at])
        if atom == 0:
            return _place(share, float(self.tilts[at]))
        below = (1 - atom) * where
        if share < below:
            return share / (1 - atom)
        return where if share <= below + atom else (share - atom) / (1 - atom)


def _usual(tally: LossTally, width: Floats, whole: Floats) -> Floats:
    """Give how many years each cell would have if it were like its neighbours.

    `width` is what its years have room for of the `whole` cell.
    """
    cells, counts = tally.cells, tally.counts.astype(np.float64)
    usual = np.zeros(cells.size)
    beside = np.flatnonzero(np.diff(cells) == 1)
    usual[beside] = counts[beside + 1]
    usual[beside + 1] = np.maximum(usual[beside + 1], counts[beside])
    # A cell cut short by the smallest or largest loss has room for a part of them only.
    return usual * np.divide(width, whole, out=np.zeros_like(width), where=whole > 0)


def _share(place: float, tilt: float) -> float:
    """Give the share of a cell's years up to a place in it, both in (0, 1)."""
    return place * (1 - tilt + tilt * place)


def _place(share: float, tilt: float) -> float:
    """Give the place up to which a share of a cell's years lies; undoes `_share`."""
    even = 1 - tilt
    return 2 * share / (even + math.sqrt(even**2 + 4 * tilt * share)) if share > 0 else 0.0
