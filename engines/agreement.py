"""How sure one may be that two ways of computing agree, after so many comparisons."""

from __future__ import annotations

from scipy.special import betaincinv

CONFIDENCE = 0.95
_MOST = 1 << 40
"""More comparisons than anybody makes."""


def most_disagreement(disagreed: int, compared: int) -> float:
    """Give the share of disagreements that is exceeded with at most 5% probability.

    The one-sided upper limit of Clopper and Pearson, Biometrika 26(4), 1934, p. 404. It takes the
    comparisons to be independent, and of the kind that is still to come. With no disagreement in n
    it is 1 - 0.05^(1/n), close to 3/n.
    """
    if disagreed >= compared:
        return 1.0
    return float(betaincinv(disagreed + 1, compared - disagreed, CONFIDENCE))


def clean_needed(disagreed: int, compared: int, *, at_most: float) -> int:
    """Give how many more comparisons, all of which agree, bring the limit to `at_most`."""
    if most_disagreement(disagreed, compared) <= at_most:
        return 0
    too_few, enough = 0, 1
    while most_disagreement(disagreed, compared + enough) > at_most and enough < _MOST:
        too_few, enough = enough, 2 * enough
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if most_disagreement(disagreed, compared + middle) <= at_most:
            enough = middle
        else:
            too_few = middle
    return enough
