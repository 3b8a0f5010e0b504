"""A scenario's number of loss events as a function of the score of its rank, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from engines.prism.dependence.correlation_matrix import Floats
from engines.prism.dependence.score_link import HIGHEST_SCORE
from engines.prism.event_count import EventCount
from engines.prism.monte_carlo.compiled import compiled

CELLS: Final = 1 << 10
"""In which the search for a count begins."""


@dataclass(frozen=True, eq=False)
class CountByScore:
    """The event counts of K scenarios by their scores.

    Scenario k has `firsts[k]` events and one more for each of its thresholds, ascending in
    `thresholds[ends[k] : ends[k + 1]]`, that the score is above. `guides[k, i]` of them lie below
    cell i of the scores from -`HIGHEST_SCORE` to `HIGHEST_SCORE`.
    """

    firsts: NDArray[np.int64]
    ends: NDArray[np.int64]
    thresholds: Floats
    guides: NDArray[np.int64]

    @classmethod
    def of(cls, counts: Sequence[EventCount]) -> Self:
        """Tabulate the counts of each scenario."""
        thresholds = [_thresholds(count) for count in counts]
        edges = np.linspace(-HIGHEST_SCORE, HIGHEST_SCORE, CELLS + 1)[:-1]
        return cls(
            np.array([count.probabilities[0] for count in counts], dtype=np.int64),
            np.cumsum([0, *(each.size for each in thresholds)], dtype=np.int64),
            np.concatenate(thresholds),
            np.array([np.searchsorted(each, edges) for each in thresholds], dtype=np.int64),
        )

    @property
    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, NDArray[np.int64]]:
        """The table as `look_up_counts` takes it."""
        return self.firsts, self.ends, self.thresholds, self.guides


def _thresholds(count: EventCount) -> Floats:
    """Give the score of P(N <= n) for every n but the last, from the nearer end."""
    _, probabilities = count.probabilities
    below = np.cumsum(probabilities)[:-1]
    above = np.cumsum(probabilities[::-1])[-2::-1]
    scores = np.where(below < above, ndtri(below), -ndtri(above))
    return np.clip(np.maximum.accumulate(scores), -HIGHEST_SCORE, HIGHEST_SCORE)


@compiled
def look_up_counts(scores, table, out):  # type: ignore[no-untyped-def]
    """Give the counts (scenarios, years) that belong to scores."""
    firsts, ends, thresholds, guides = table
    per_unit = guides.shape[1] / (2 * HIGHEST_SCORE)
    for k in range(scores.shape[0]):
        own = thresholds[ends[k] : ends[k + 1]]
        for i in range(scores.shape[1]):
            score = scores[k, i]
            inside = min(max(score, -HIGHEST_SCORE), HIGHEST_SCORE)
            place = np.int64((inside + HIGHEST_SCORE) * per_unit)
            passed = guides[k, min(place, guides.shape[1] - 1)]
            while passed < own.size and own[passed] < score:
                passed += 1
            out[k, i] = firsts[k] + passed
