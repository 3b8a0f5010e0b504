"""Compute `distribution_tails.csv`: both tails of every family, to 17 digits.

Run it with mpmath at hand: `python tests/reference/prism/distribution_tails.py`. Nothing of the
engine is used. The normal is the complementary error function, gamma and Poisson are mpmath's
incomplete gamma function, and the rest are integrals or sums of the density by definition, all at
50 digits, at points that are doubles.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import mpmath as mp

mp.mp.dps = 50
Number = mp.mpf
Tails = Callable[[Number], tuple[Number, Number]]


def phi(z: Number) -> Number:
    return mp.erfc(-z / mp.sqrt(2)) / 2


def normal(location: Number, deviation: Number, low: Number, high: Number = mp.inf) -> Tails:
    def standard(x: Number) -> Number:
        return phi((x - location) / deviation) if x != mp.inf else mp.mpf(1)

    whole = standard(high) - standard(low)
    return lambda x: (
        (standard(x) - standard(low)) / whole,
        (standard(high) - standard(x)) / whole,
    )


def lognormal(mu: Number, sigma: Number) -> Tails:
    return lambda x: (phi((mp.log(x) - mu) / sigma), phi(-(mp.log(x) - mu) / sigma))


def gamma(shape: Number, scale: Number) -> Tails:
    return lambda x: (
        mp.gammainc(shape, 0, x / scale, regularized=True),
        mp.gammainc(shape, x / scale, mp.inf, regularized=True),
    )


def beta(alpha: Number, beta: Number, low: Number = 0, high: Number = 1) -> Tails:
    def tails(x: Number) -> tuple[Number, Number]:
        share = (x - low) / (high - low)
        below = mp.betainc(alpha, beta, 0, share, regularized=True)
        return below, mp.betainc(beta, alpha, 0, 1 - share, regularized=True)

    return tails


def pert(low: Number, mode: Number, high: Number, weight: Number = 4) -> Tails:
    rise = 1 + weight * (mode - low) / (high - low)
    return beta(rise, weight + 2 - rise, low, high)


def pareto(shape: Number, scale: Number, threshold: Number) -> Tails:
    def tails(x: Number) -> tuple[Number, Number]:
        beyond = (1 + shape * (x - threshold) / scale) ** (-1 / shape)
        return 1 - beyond, beyond

    return tails


def counted(probability: Callable[[int], Number], last: int) -> Tails:
    def tails(x: Number) -> tuple[Number, Number]:
        below = mp.fsum(probability(n) for n in range(int(x) + 1))
        return below, mp.fsum(probability(n) for n in range(int(x) + 1, last))

    return tails


def poisson(rate: Number) -> Tails:
    return counted(lambda n: mp.exp(-rate) * rate**n / mp.factorial(n), 400)


def negative_binomial(mean: Number, size: Number) -> Tails:
    end = size / (size + mean)

    def probability(n: int) -> Number:
        ways = mp.gamma(size + n) / mp.gamma(size) / mp.factorial(n)
        return ways * end**size * (1 - end) ** n

    return counted(probability, 3000)


def binomial(trials: Number, p: Number) -> Tails:
    return counted(
        lambda n: mp.binomial(trials, n) * p**n * (1 - p) ** (trials - n), int(trials) + 1
    )


CASES = (
    ("Normal", normal, [100, 15, 0], [0.001, 20, 100, 160, 220]),
    ("Normal", normal, [-30, 15, 0], [1e-9, 1, 12, 40, 90]),
    ("Normal", normal, [5, 2, 1, 6], [1.0000001, 2, 4, 5.5, 5.9999999]),
    ("Normal", normal, [0.25, 1, 0, 0.0078125], [1e-9, 0.001, 0.004, 0.0078]),
    ("Lognormal", lognormal, [12, 1], [100, 60_000, 160_000, 5e6, 4e8]),
    ("Lognormal", lognormal, [0, 5], [1e-17, 0.01, 1, 1e6, 1e17]),
    ("Gamma", gamma, [0.0625, 8], [1e-200, 1e-9, 0.5, 50, 250]),
    ("Gamma", gamma, [2.5, 1e5], [0.25, 2e4, 2e5, 1e6, 4e6]),
    ("Gamma", gamma, [4000, 2], [7000, 7900, 8000, 8500, 9000]),
    ("Beta", beta, [0.5, 30], [1e-30, 1e-6, 0.01, 0.2, 0.6]),
    ("Beta", beta, [2000, 3000], [0.345, 0.39, 0.4, 0.42, 0.455]),
    ("Beta", beta, [3, 0.75, 10, 30], [10.0001, 15, 25, 29.9, 29.9999]),
    ("Pert", pert, [1, 2, 5], [1.0001, 1.5, 2.5, 4.5, 4.9999]),
    ("Pert", pert, [0, 0.5, 4, 2], [1e-6, 0.5, 1.5, 3.5, 3.9999]),
    ("GeneralisedPareto", pareto, [0.5, 1e4, 1e5], [100_001, 1.1e5, 2e5, 1e9, 1e12]),
    ("GeneralisedPareto", pareto, [-0.5, 2, 0], [1e-9, 1, 3, 3.9, 3.9375]),
    ("Poisson", poisson, [2.5], [0, 2, 5, 12, 25]),
    ("Poisson", poisson, [100], [40, 90, 100, 130, 190]),
    ("NegativeBinomial", negative_binomial, [3, 0.5], [0, 2, 10, 60, 150]),
    ("NegativeBinomial", negative_binomial, [120, 8], [4, 60, 120, 300, 600]),
    ("Binomial", binomial, [40, 0.03125], [0, 1, 3, 8, 14]),
    ("Binomial", binomial, [1000, 0.375], [280, 360, 375, 410, 490]),
)


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    for family, tails, parameters, points in CASES:
        both = tails(*(mp.mpf(parameter) for parameter in parameters))
        for point in points:
            below, above = both(mp.mpf(point))
            yield (
                family, json.dumps(parameters), repr(float(point)),
                mp.nstr(below, 17, min_fixed=0, max_fixed=0),
                mp.nstr(above, 17, min_fixed=0, max_fixed=0),
            )  # fmt: skip


if __name__ == "__main__":
    with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("family", "parameters", "x", "below", "above"))
        table.writerows(rows())
