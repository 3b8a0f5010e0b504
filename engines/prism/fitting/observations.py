"""The families that data may have come from, the best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from engines.errors import InvalidInput
from engines.prism.distributions import Floats
from engines.prism.fitting.amounts import amounts
from engines.prism.fitting.counts import COUNTS
from engines.prism.fitting.goodness import (
    Distance,
    Statistics,
    bootstrapped,
    chi_square,
    chi_square_cells,
    distances,
)
from engines.prism.fitting.likelihood import LikelihoodFit, maximum_likelihood
from engines.prism.fitting.model import DoesNotFit, FamilyName, LeftOut, Model
from engines.prism.streams import Purpose, stream
from engines.progress import Progress

FEWEST_VALUES: Final = 10
"""Five for each of two parameters; fewer say next to nothing of a shape."""
MOST_VALUES: Final = 50_000
"""As many amounts of twenty digits as a request of one mebibyte holds."""
MOST_SAMPLES: Final = 10_000
MOST_WORK: Final = 50_000_000
"""Values times families times bootstrap samples: a minute or two."""

_ROUNDING: Final = 1e-9
"""Relative: nearer to each other, values say nothing of a spread."""
_SMALLEST: Final = 1e-100
"""The square of a smaller value, a variance, would run out of digits."""

_AS_GOOD: Final = 1e-6
"""Criteria that differ by less are equal: a likelihood ratio of one in a million is rounding."""

ValueKind = Literal["amounts", "counts"]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A family fitted to data, and how far from them it lies."""

    fit: LikelihoodFit
    kolmogorov_smirnov: Distance | None
    """None for counts."""
    anderson_darling: Distance | None
    """None for counts."""
    chi_square: Distance | None
    """None for amounts, and for counts too few or too alike to form cells."""
    degrees_of_freedom: int | None
    """Cells less one less parameters, where there is a chi-square."""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The fits, by Akaike's criterion, and the families without one."""

    values: Floats
    """Those above the threshold, ascending."""
    candidates: tuple[Candidate, ...]
    left_out: tuple[LeftOut, ...]


def check_work(values: int, families: int, samples: int) -> None:
    """Refuse a bootstrap that would take longer than a minute or so."""
    affordable = MOST_WORK // (values * families)
    if samples > affordable:
        expected = f"at most {affordable} for {values} values and {families} families"
        raise InvalidInput("bootstrap_samples", expected=expected, received=samples)


def families_of(kind: ValueKind, threshold: float = 0.0) -> tuple[Model, ...]:
    """Give the families for amounts or for counts."""
    return amounts(threshold) if kind == "amounts" else COUNTS


def fit_observations(
    values: Sequence[float],
    *,
    kind: ValueKind,
    families: Sequence[FamilyName],
    threshold: float,
    bootstrap_samples: int,
    seed: int,
    progress: Progress,
) -> Ranking:
    """Fit each family to the values above `threshold` by maximum likelihood, and rank them."""
    data = usable(values, kind=kind, threshold=threshold)
    known = {model.name: model for model in families_of(kind, threshold)}
    models = [known[name] for name in families if name in known]
    fits, left_out = _fits(models, data)
    if not fits:
        reasons = "; ".join(f"{each.family} {each.reason}" for each in left_out)
        raise InvalidInput("families", expected="one that fits the values", received=reasons)
    candidates = [
        _judged(fit, data, place, len(fits), bootstrap_samples, seed, progress)
        for place, fit in enumerate(fits)
    ]
    candidates.sort(key=lambda each: (each.fit.akaike // _AS_GOOD, len(each.fit.values)))
    return Ranking(values=data, candidates=tuple(candidates), left_out=tuple(left_out))


def usable(values: Sequence[float], *, kind: ValueKind, threshold: float) -> Floats:
    """Give the values above the threshold, ascending; refuse those that cannot be fitted."""
    data = np.sort(np.asarray(values, dtype=np.float64))
    if not np.isfinite(data).all() or (data < 0).any():
        raise InvalidInput("values", expected="finite numbers from 0 up", received="others")
    if kind == "counts":
        if (data != np.floor(data)).any():
            raise InvalidInput("values", expected="whole numbers", received="fractions")
    elif threshold > 0:
        data = data[data > threshold]
    if data.size < FEWEST_VALUES:
        expected = f"at least {FEWEST_VALUES}" + (" above the threshold" if threshold > 0 else "")
        raise InvalidInput("values", expected=expected, received=data.size)
    if data[-1] - data[0] <= _ROUNDING * data[-1]:
        raise InvalidInput("values", expected="at least two that differ", received=data[0])
    if data[-1] < _SMALLEST:
        expected = f"at least one of {_SMALLEST:g} or more"
        raise InvalidInput("values", expected=expected, received=data[-1])
    return data


def _fits(models: Sequence[Model], data: Floats) -> tuple[list[LikelihoodFit], list[LeftOut]]:
    fits, left_out = [], []
    for model in models:
        try:
            fits.append(maximum_likelihood(model, data))
        except DoesNotFit as reason:
            left_out.append(LeftOut(family=model.name, reason=str(reason)))
    return fits, left_out


def _judged(
    fit: LikelihoodFit,
    data: Floats,
    place: int,
    places: int,
    samples: int,
    seed: int,
    progress: Progress,
) -> Candidate:
    first = 1_000_000 * [model.name for model in (*amounts(0), *COUNTS)].index(fit.model.name)

    def uniforms(sample: int) -> Floats:
        generator = stream(seed, first + sample, Purpose.GOODNESS_OF_FIT)
        return np.maximum(generator.random(data.size), 2.0**-60)

    def pulse(sample: int) -> None:
        done = (place + sample / max(samples, 1)) / places
        progress(done, f"testing the {fit.model.name}")

    def judge(statistics: Statistics) -> tuple[Distance, ...]:
        return bootstrapped(fit, data, statistics, samples=samples, uniforms=uniforms, pulse=pulse)

    if fit.model not in COUNTS:
        smirnov, darling = judge(distances)
        return Candidate(
            fit=fit, kolmogorov_smirnov=smirnov, anderson_darling=darling,
            chi_square=None, degrees_of_freedom=None,
        )  # fmt: skip
    edges = chi_square_cells(fit.distribution, data)
    freedom = edges.size - len(fit.values)
    pearson = None
    if freedom > 0:
        (pearson,) = judge(lambda fitted, drawn: (chi_square(fitted, drawn, edges),))
    return Candidate(
        fit=fit, kolmogorov_smirnov=None, anderson_darling=None,
        chi_square=pearson, degrees_of_freedom=freedom if freedom > 0 else None,
    )  # fmt: skip
