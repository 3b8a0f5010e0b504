"""What `prism.analyse_correlation` says of its series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field

from engines.prism.correlation_analysis.aligned_series import AlignedSeries
from tasks.artifact import Artifact
from tasks.payload import Count, Payload
from tasks.prism.provenance import Provenance

if TYPE_CHECKING:  # they import what only the `prism` extra installs, or what is slow to import
    from engines.prism.correlation_analysis import rolling_correlation
    from engines.prism.correlation_analysis.clusters import Clusters
    from engines.prism.correlation_analysis.measured_matrix import MeasuredMatrix
    from engines.prism.correlation_analysis.shrinkage import ShrunkCorrelation

Measure = Literal["pearson", "spearman", "kendall"]
Correlation = Annotated[float, Field(ge=-1, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Rows = tuple[tuple[Correlation, ...], ...]


class CorrelationCoefficient(Payload):
    """A correlation with its 95% interval; rows are taken to be independent of each other."""

    value: Correlation
    """As measured."""
    lower: Correlation
    """Lower limit: Fisher's for Pearson, Bonett and Wright's for the others."""
    upper: Correlation
    """Upper limit."""
    p_value: Share
    """Of no dependence, two-sided, as if no other pair had been looked at."""
    adjusted_p_value: Share
    """After Benjamini and Hochberg over all pairs; the one to judge by when there are many."""


class TailShare(Payload):
    """How often the second of a pair is in its tail when the first is, with its 95% interval."""

    value: Share
    """As counted."""
    lower: Share
    """Lower limit."""
    upper: Share
    """Upper limit."""


class PairTail(Payload):
    """The joint tails of a pair, beside those of copulas with its Kendall correlation."""

    lower: TailShare
    """Of low values."""
    upper: TailShare
    """Of high values."""
    tail_rows: Count
    """In each tail, of each series."""
    gaussian_copula: Share
    """What a Gaussian copula gives at the same threshold."""
    t_copula_limit: Share
    """What a t copula gives far out in the tail, where the Gaussian's goes to 0."""


class CorrelatedPair(Payload):
    """Two series; a measure that was not asked for is null."""

    first: str
    """The series that comes first in the request."""
    second: str
    """The other."""
    observations: Count
    """Rows that both have."""
    pearson: CorrelationCoefficient | None
    spearman: CorrelationCoefficient | None
    kendall: CorrelationCoefficient | None
    tail: PairTail | None
    """Null when not asked for, or where the pair shares too few rows."""


class CorrelationMatrix(Payload):
    """All correlations of one measure, rows and columns in the order of the request."""

    measure: Measure
    """Whose."""
    matrix: Rows
    """Repaired when that was asked for and necessary; the pairs keep what was measured."""
    smallest_eigenvalue: float
    """As measured; below zero the correlations contradict each other."""
    positive_semidefinite: bool
    """As measured, rounding forgiven; always so unless `missing` is pairwise."""
    repair_distance: float | None
    """Frobenius distance from what was measured to `matrix`; null where nothing was repaired."""

    @classmethod
    def of(cls, measure: Measure, measured: MeasuredMatrix) -> Self:
        return cls(
            measure=measure,
            matrix=tuple(map(tuple, measured.matrix.tolist())),
            smallest_eigenvalue=measured.smallest_eigenvalue,
            positive_semidefinite=measured.positive_semidefinite,
            repair_distance=measured.repair_distance,
        )


class ShrunkMatrix(Payload):
    """Pearson's correlations after Ledoit and Wolf: positive definite however few the rows."""

    matrix: Rows
    """Rows and columns in the order of the request."""
    shrinkage: Share
    """The share of every correlation that was taken for noise."""

    @classmethod
    def of(cls, shrunk: ShrunkCorrelation) -> Self:
        return cls(matrix=tuple(map(tuple, shrunk.matrix.tolist())), shrinkage=shrunk.shrinkage)


class RollingCorrelationPoint(Payload):
    """Pearson's correlation in one window; null where the window is not enough for one."""

    last_row: Count
    """Of the window, from 0, after dropped rows are gone."""
    last_date: date | None
    """Of the last row; null when the request has no dates."""
    value: Correlation | None
    """The correlation."""
    lower: Correlation | None
    """Lower limit of its 95% interval."""
    upper: Correlation | None
    """Upper limit."""


class RollingCorrelation(Payload):
    """How the correlation of two series has changed."""

    first: str
    """As in the request."""
    second: str
    """As in the request."""
    points: tuple[RollingCorrelationPoint, ...]
    """One a window, in time."""

    @classmethod
    def of(
        cls,
        series: AlignedSeries,
        first: int,
        second: int,
        points: Sequence[rolling_correlation.RollingPoint],
    ) -> Self:
        return cls(
            first=series.names[first],
            second=series.names[second],
            points=tuple(
                RollingCorrelationPoint(
                    last_row=point.last_row,
                    last_date=None if series.dates is None else series.dates[point.last_row],
                    value=point.value,
                    lower=point.lower,
                    upper=point.upper,
                )
                for point in points
            ),
        )


class ClusterMerge(Payload):
    """Two clusters become one; n series are 0 to n - 1, the first merge makes cluster n."""

    left: Count
    """A series or an earlier cluster."""
    right: Count
    """Another."""
    distance: float
    """sqrt(2 (1 - r)): 0 together, 1.41 unrelated, 2 opposed."""
    size: Count
    """Series in the new cluster."""


class SeriesClusters(Payload):
    """A tree of the series by the first measure, for a dendrogram and for the heat map."""

    order: tuple[str, ...]
    """The series, those that move together beside each other."""
    groups: tuple[tuple[str, ...], ...]
    """What belongs together where the tree is cut at `togetherAt`."""
    merges: tuple[ClusterMerge, ...]
    """From the nearest to the farthest."""

    @classmethod
    def of(cls, tree: Clusters, names: Sequence[str]) -> Self:
        return cls(
            order=tuple(names[leaf] for leaf in tree.order),
            groups=tuple(tuple(names[leaf] for leaf in group) for group in tree.groups),
            merges=tuple(
                ClusterMerge.model_validate(merge, from_attributes=True) for merge in tree.merges
            ),
        )


class AnalyseCorrelationResult(Payload):
    """How the series have moved together."""

    name: str
    """As in the request."""
    series: tuple[str, ...]
    """Their names, in the order of every matrix."""
    rows: Count
    """That were used."""
    dropped_rows: Count
    """That some series misses and that were left out."""
    correlations: tuple[CorrelationMatrix, ...]
    """One a measure, as asked for."""
    pairs: tuple[CorrelatedPair, ...]
    """The strongest by the first measure, at most `pairLimit` of them."""
    pairs_measured: Count
    """All there are: what p-values were adjusted for."""
    shrunk: ShrunkMatrix | None
    """Null when values are missing: it takes complete rows."""
    rolling: tuple[RollingCorrelation, ...]
    """One a pair asked for."""
    clusters: SeriesClusters
    confidence: float
    """Of every interval."""
    provenance: Provenance
    pictures: tuple[Artifact, ...]
    """The heat map of the first measure, ordered by cluster, in each format asked for."""
