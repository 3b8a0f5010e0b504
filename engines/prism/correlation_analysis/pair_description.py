"""The strongest pairs, one by one: every measure of them, and their tails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engines.prism.correlation_analysis.aligned_series import AlignedSeries
from engines.prism.correlation_analysis.pair_correlation import (
    Measure,
    PairCorrelations,
    correlation,
)
from engines.prism.correlation_analysis.tail_dependence import TailDependence, tail_dependence
from engines.prism.dependence.rank_correlation import pearson_of_kendall
from engines.progress import Progress, unreported


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """One correlation, with its 95% interval."""

    value: float
    lower: float
    upper: float
    p_value: float
    adjusted_p_value: float


@dataclass(frozen=True, kw_only=True)
class PairDescription:
    """Two series; what was not measured is None."""

    first: str
    second: str
    observations: int
    pearson: Coefficient | None
    spearman: Coefficient | None
    kendall: Coefficient | None
    tail: TailDependence | None


@dataclass(frozen=True, kw_only=True)
class Tail:
    """Where tails begin, and the t copula to compare them with."""

    threshold: float
    degrees_of_freedom: float


def describe_pairs(
    series: AlignedSeries,
    measured: Mapping[Measure, PairCorrelations],
    *,
    by: Measure,
    limit: int,
    tail: Tail | None,
    progress: Progress = unreported,
) -> tuple[PairDescription, ...]:
    """Describe the pairs strongest in size by the measure `by`, at most `limit` of them."""
    strongest = np.argsort(-np.abs(measured[by].value), kind="stable")[:limit]
    indices = np.column_stack(np.triu_indices(len(series.names), 1))[strongest]
    descriptions: list[PairDescription] = []
    for place, (first, second) in zip(strongest.tolist(), indices.tolist(), strict=True):
        progress(len(descriptions) / len(strongest), "describing pairs")
        descriptions.append(
            PairDescription(
                first=series.names[first],
                second=series.names[second],
                observations=int(measured[by].observations[place]),
                pearson=_coefficient(measured.get("pearson"), place),
                spearman=_coefficient(measured.get("spearman"), place),
                kendall=_coefficient(measured.get("kendall"), place),
                tail=None if tail is None else _tail(series, first, second, tail),
            )
        )
    return tuple(descriptions)


def _coefficient(pairs: PairCorrelations | None, place: int) -> Coefficient | None:
    if pairs is None:
        return None
    return Coefficient(
        value=float(pairs.value[place]),
        lower=float(pairs.lower[place]),
        upper=float(pairs.upper[place]),
        p_value=float(pairs.p_value[place]),
        adjusted_p_value=float(pairs.adjusted_p_value[place]),
    )


def _tail(series: AlignedSeries, first: int, second: int, tail: Tail) -> TailDependence | None:
    x, y = series.pair(first, second)
    kendall, _ = correlation(x, y, "kendall")
    return tail_dependence(
        x,
        y,
        threshold=tail.threshold,
        # Of the copula's normals whatever the marginals are, which the sample's Pearson is not.
        pearson=float(pearson_of_kendall(np.array(kendall))),
        degrees_of_freedom=tail.degrees_of_freedom,
    )
