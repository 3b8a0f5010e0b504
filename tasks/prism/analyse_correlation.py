"""`prism.analyse_correlation`: how series of observations have moved together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from engines.errors import InvalidInput
from engines.prism.binomial_intervals import CONFIDENCE
from engines.prism.correlation_analysis import ENGINE, ENGINE_VERSION
from engines.prism.correlation_analysis.aligned_series import (
    MAX_ROWS,
    MAX_SERIES,
    MIN_ROWS,
    AlignedSeries,
    MissingData,
    aligned_series,
)
from engines.prism.distributions.distribution import LARGEST
from engines.progress import Progress, parts
from queues.artifacts import ArtifactStore
from queues.names import Queue
from tasks.declaration import task
from tasks.payload import Payload
from tasks.prism.correlation_answer import (
    AnalyseCorrelationResult,
    CorrelatedPair,
    CorrelationMatrix,
    Measure,
    RollingCorrelation,
    SeriesClusters,
    ShrunkMatrix,
)
from tasks.prism.picture import PictureFormats, store_pictures
from tasks.prism.provenance import Provenance
from tasks.prism.tolerances import CORRELATION
from tasks.refusal import refused_fields

if TYPE_CHECKING:
    from engines.prism.correlation_analysis.pair_description import Tail

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Value = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]


class ObservedSeries(Payload):
    """One quantity, observed at the times that all series share."""

    name: Name
    """What is observed, on one line; no two series may share it."""
    values: Annotated[tuple[Value | None, ...], Field(min_length=MIN_ROWS, max_length=MAX_ROWS)]
    """One a row; null is missing."""


class CorrelationWindows(Payload):
    """Which pairs to follow through time."""

    window: Annotated[int, Field(ge=MIN_ROWS, le=MAX_ROWS)]
    """Rows a window."""
    step: Annotated[int, Field(ge=1, le=MAX_ROWS)] = 1
    """Rows from one window to the next."""
    pairs: Annotated[tuple[tuple[Name, Name], ...], Field(min_length=1, max_length=100)]
    """Names of two different series each."""


class TailQuestion(Payload):
    """Where the tails begin, and which t copula to compare them with."""

    threshold: Annotated[float, Field(ge=0.5, le=0.999)] = 0.9
    """A quantile: 0.9 takes the highest and the lowest tenth; at least five rows each."""
    degrees_of_freedom: Annotated[float, Field(ge=1, le=1000)] = 4
    """Of the t copula."""

    def engine(self) -> Tail:
        from engines.prism.correlation_analysis.pair_description import Tail

        return Tail(threshold=self.threshold, degrees_of_freedom=self.degrees_of_freedom)


class AnalyseCorrelationRequest(Payload):
    """Series of equal length, and what to find out about them."""

    name: Name
    """Title of the picture."""
    series: Annotated[tuple[ObservedSeries, ...], Field(min_length=2, max_length=MAX_SERIES)]
    """What may move together."""
    dates: Annotated[tuple[date, ...], Field(max_length=MAX_ROWS)] | None = None
    """One a row, ascending."""
    missing: MissingData = "refuse"
    """`dropRows` leaves out every row that misses a value; `pairwise` uses what each pair shares,
    and its matrices may contradict themselves."""
    measures: Annotated[tuple[Measure, ...], Field(min_length=1, max_length=3)] = (
        "pearson",
        "spearman",
        "kendall",
    )
    """The first one orders the pairs and clusters the series."""
    repair: bool = False
    """Replace a matrix that is not positive semi-definite by the nearest that is."""
    linkage: Literal["average", "single", "complete"] = "average"
    """How far apart two clusters are: by the mean, the nearest or the farthest of their series."""
    together_at: Annotated[float, Field(ge=-1, le=1)] = 0.5
    """The correlation from which series belong to one group."""
    rolling: CorrelationWindows | None = None
    """Null follows no pair."""
    tail: TailQuestion | None = None
    """Null looks at no tails."""
    pair_limit: Annotated[int, Field(ge=1, le=2000)] = 500
    """The most pairs to describe one by one."""
    pictures: PictureFormats = ("png",)
    """Of the first measure as a heat map. None is the quickest answer."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        from engines.prism.correlation_analysis.rolling_correlation import check_windows
        from engines.prism.correlation_analysis.tail_dependence import check_threshold

        with refused_fields(self):
            aligned = self.aligned()
            if len(set(self.measures)) < len(self.measures):
                raise InvalidInput("measures", expected="each once", received=self.measures)
            rows = len(aligned.values)
            if self.rolling is not None:
                rolling = self.rolling
                list(self.rolling_pairs())
                check_windows(
                    rows=rows, window=rolling.window, step=rolling.step, pairs=len(rolling.pairs)
                )
            if self.tail is not None:
                check_threshold(self.tail.threshold, rows=rows)
        return self

    def aligned(self) -> AlignedSeries:
        """Give the engine's form of the series."""
        return aligned_series(
            [each.name for each in self.series],
            [each.values for each in self.series],
            dates=self.dates,
            missing=self.missing,
        )

    def rolling_pairs(self) -> Iterator[tuple[int, int]]:
        """Give the places of the series that are followed; refuse a name that none has."""
        places = {each.name: place for place, each in enumerate(self.series)}
        for index, pair in enumerate(self.rolling.pairs if self.rolling else ()):
            field = f"rolling.pairs.{index}"
            for name in pair:
                if name not in places:
                    raise InvalidInput(field, expected="names of series", received=name)
            if pair[0] == pair[1]:
                raise InvalidInput(field, expected="two different series", received=pair[0])
            yield places[pair[0]], places[pair[1]]


@task("prism.analyse_correlation", queue=Queue.CPU, shadow=CORRELATION)
def analyse_correlation(
    request: AnalyseCorrelationRequest, *, progress: Progress, artifacts: ArtifactStore
) -> AnalyseCorrelationResult:
    """Analyse how series of observations have moved together."""
    # Here, because the catalogue is read where the `prism` extra is not installed.
    from engines.prism.correlation_analysis.clusters import clusters
    from engines.prism.correlation_analysis.heat_map import heat_map
    from engines.prism.correlation_analysis.measured_matrix import measured_matrix
    from engines.prism.correlation_analysis.pair_correlation import pair_correlations
    from engines.prism.correlation_analysis.pair_description import describe_pairs
    from engines.prism.correlation_analysis.shrinkage import shrunk_correlation

    series, leading = request.aligned(), request.measures[0]
    measured = {
        measure: pair_correlations(series, measure, progress=part)
        for measure, part in zip(
            request.measures, parts(progress, 0, 0.6, count=len(request.measures)), strict=True
        )
    }
    matrices = {
        measure: measured_matrix(pairs.matrix, repair=request.repair, progress=part)
        for (measure, pairs), part in zip(
            measured.items(), parts(progress, 0.6, 0.7, count=len(measured)), strict=True
        )
    }
    (part,) = parts(progress, 0.7, 0.8, count=1)
    pairs = describe_pairs(
        series,
        measured,
        by=leading,
        limit=request.pair_limit,
        tail=None if request.tail is None else request.tail.engine(),
        progress=part,
    )
    tree = clusters(
        matrices[leading].matrix, method=request.linkage, together_at=request.together_at
    )
    rolling = tuple(_rolling(request, series, progress))
    progress(0.95, "drawing")
    subtitle = f"{leading.capitalize()} correlation, series that move together side by side"
    pictures = store_pictures(
        request.pictures,
        lambda format: heat_map(
            matrices[leading].matrix,
            names=series.names,
            order=tree.order,
            title=request.name,
            subtitle=subtitle,
            footnote=f"{len(series.values):,} rows · {request.linkage} linkage · "
            f"{ENGINE} {ENGINE_VERSION}",
            format=format,
        ),
        name="correlation-heat-map",
        artifacts=artifacts,
    )
    return AnalyseCorrelationResult(
        name=request.name,
        series=series.names,
        rows=len(series.values),
        dropped_rows=series.dropped_rows,
        correlations=tuple(
            CorrelationMatrix.of(measure, matrix) for measure, matrix in matrices.items()
        ),
        pairs=tuple(CorrelatedPair.model_validate(each, from_attributes=True) for each in pairs),
        pairs_measured=len(measured[leading].value),
        shrunk=ShrunkMatrix.of(shrunk_correlation(series)) if series.is_complete else None,
        rolling=rolling,
        clusters=SeriesClusters.of(tree, series.names),
        confidence=CONFIDENCE,
        provenance=Provenance.of(request, engine=ENGINE, engine_version=ENGINE_VERSION, seed=None),
        pictures=pictures,
    )


def _rolling(
    request: AnalyseCorrelationRequest, series: AlignedSeries, progress: Progress
) -> Iterator[RollingCorrelation]:
    from engines.prism.correlation_analysis.rolling_correlation import rolling_correlation

    if request.rolling is not None:
        window, step = request.rolling.window, request.rolling.step
        pairs = list(request.rolling_pairs())
        for (first, second), part in zip(
            pairs, parts(progress, 0.8, 0.95, count=len(pairs)), strict=True
        ):
            points = rolling_correlation(
                series, first, second, window=window, step=step, progress=part
            )
            yield RollingCorrelation.of(series, first, second, points)
