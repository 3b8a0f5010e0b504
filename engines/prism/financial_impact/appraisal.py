"""Whether money spent at once and later is worth what it saves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]

LOWEST_RETURN, HIGHEST_RETURN = -0.99, 1e4
"""Where internal rates of return are looked for, a year."""
_GRID: Final = 4000
"""Two roots closer than a three-hundredth in log(1 + rate) would be missed."""


@dataclass(frozen=True, kw_only=True)
class Appraisal:
    """What avoiding losses brings, in the reporting currency at the valuation date."""

    losses_before: float
    """Present value."""
    losses_after: float
    """Present value."""
    costs: float
    """Present value of everything spent."""
    net_present_value: float
    """Losses avoided less costs."""
    return_on_investment: float | None
    """ROSI, the net present value over the costs; None without costs."""
    payback_years: float | None
    """Discounted; None where the costs are never earned back within the years."""
    internal_rates_of_return: tuple[float, ...]
    """A year; one in the usual case, none or several where they mean nothing."""


def appraise(
    *,
    before: Floats,
    after: Floats,
    costs: Floats,
    at_start: float,
    times: Floats,
    factors: Floats,
) -> Appraisal:
    """Appraise losses before and after, costs at the start and by year, at discount `factors`.

    Everything is an expected amount by year and not negative. ROSI as in ENISA, Introduction to
    Return on Security Investment (2012), with present values in place of one year's.
    """
    spent = at_start + float(costs @ factors)
    saved = float((before - after) @ factors)
    net = before - after - costs
    return Appraisal(
        losses_before=float(before @ factors),
        losses_after=float(after @ factors),
        costs=spent,
        net_present_value=saved - spent,
        return_on_investment=(saved - spent) / spent if spent > 0 else None,
        payback_years=discounted_payback(-at_start, net * factors, times),
        internal_rates_of_return=internal_rates_of_return(
            np.concatenate([[0.0], times]), np.concatenate([[-at_start], net])
        ),
    )


def discounted_payback(at_start: float, discounted: Floats, times: Floats) -> float | None:
    """Give the years until the sum of discounted flows is first not negative, or None.

    Between two flows the sum is taken to grow in a straight line. A later loss that makes it
    negative again is not looked at.
    """
    total, time = at_start, 0.0
    if total >= 0 and (discounted.size == 0 or total + discounted[0] >= 0):
        return 0.0
    for flow, flow_time in zip(discounted.tolist(), times.tolist(), strict=True):
        if total + flow >= 0 and flow > 0:
            return float(time + (flow_time - time) * min(1.0, -total / flow))
        total, time = total + flow, flow_time
    return None


def internal_rates_of_return(times: Floats, flows: Floats) -> tuple[float, ...]:
    """Give every rate a year at which the flows have no net present value, ascending.

    There are at most as many as the flows change sign (Descartes), and exactly one when money only
    goes out first and only comes in later. Several, or none, are no yardstick: Brealey, Myers and
    Allen, Principles of Corporate Finance, chapter 5 ("pitfall 2: multiple rates of return").
    """
    size = np.abs(flows).max()
    if size == 0 or (flows >= 0).all() or (flows <= 0).all():
        return ()
    scaled = flows / size

    def value(log_growth: float) -> float:
        return float(scaled @ np.exp(-log_growth * times))

    grid = np.linspace(math.log1p(LOWEST_RETURN), math.log1p(HIGHEST_RETURN), _GRID)
    gains = np.exp(-grid[:, None] * times) @ scaled >= 0
    crossings = np.flatnonzero(gains[1:] != gains[:-1])
    roots = [brentq(value, grid[at], grid[at + 1], xtol=1e-14) for at in crossings]
    return tuple(sorted(math.expm1(root) for root in roots))
