"""Whether losses exceed VaR as often as they should, and independently of one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, xlogy


@dataclass(frozen=True)
class LikelihoodRatio:
    """A likelihood-ratio statistic and the probability of one as large if VaR were right."""

    statistic: float
    p_value: float

    @classmethod
    def of(cls, statistic: float, degrees_of_freedom: int) -> LikelihoodRatio:
        # A ratio of maxima is never negative; rounding can make it so.
        statistic = max(0.0, statistic)
        return cls(statistic, float(chdtrc(degrees_of_freedom, statistic)))


@dataclass(frozen=True)
class Transitions:
    """How often a period with (1) or without (0) a breach followed one with or without."""

    n00: int
    n01: int
    n10: int
    n11: int

    @classmethod
    def of(cls, breaches: Sequence[bool]) -> Transitions:
        hits = np.asarray(breaches, dtype=np.int64)
        counts = np.bincount(2 * hits[:-1] + hits[1:], minlength=4)
        return cls(*(int(count) for count in counts))


def unconditional_coverage(breaches: int, periods: int, probability: float) -> LikelihoodRatio:
    """Test the share of breaches against `probability`: Kupiec's proportion of failures.

    Chi-square with one degree of freedom. Source: Kupiec, Journal of Derivatives 3(2), 1995.
    """
    kept = periods - breaches
    return LikelihoodRatio.of(
        2
        * float(
            xlogy(breaches, breaches / periods)
            + xlogy(kept, kept / periods)
            - xlogy(breaches, probability)
            - xlogy(kept, 1 - probability)
        ),
        1,
    )


def independence(breaches: Sequence[bool]) -> LikelihoodRatio | None:
    """Test whether a breach makes one in the next period more or less likely.

    First-order Markov chain against independence, chi-square with one degree of freedom, given
    the first period. A transition that never happened counts 0 ln 0 = 0: with no two breaches in
    a row the chain's likelihood is (1 - pi01)^n00 pi01^n01. `None` where no breach precedes a
    period, for there is no second state to compare. Sources: Christoffersen, International
    Economic Review 39(4), 1998, section 4; the empty cell: Christoffersen, Elements of Financial
    Risk Management (2nd ed., Academic Press 2012), chapter 13.
    """
    seen = Transitions.of(breaches)
    calm, hit = seen.n00 + seen.n01, seen.n10 + seen.n11
    if hit == 0 or calm == 0:
        return None
    stayed, rose = seen.n00 + seen.n10, seen.n01 + seen.n11
    chain = (
        xlogy(seen.n00, seen.n00 / calm)
        + xlogy(seen.n01, seen.n01 / calm)
        + xlogy(seen.n10, seen.n10 / hit)
        + xlogy(seen.n11, seen.n11 / hit)
    )
    same = xlogy(stayed, stayed / (calm + hit)) + xlogy(rose, rose / (calm + hit))
    return LikelihoodRatio.of(2 * float(chain - same), 1)


def conditional_coverage(
    unconditional: LikelihoodRatio, independent: LikelihoodRatio | None
) -> LikelihoodRatio | None:
    """Test both at once: the sum of the statistics, chi-square with two degrees of freedom.

    Source: Christoffersen, International Economic Review 39(4), 1998, section 4. The sum is
    exact but for the first period, which only the unconditional statistic counts.
    """
    if independent is None:
        return None
    return LikelihoodRatio.of(unconditional.statistic + independent.statistic, 2)
