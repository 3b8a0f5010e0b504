"""`prism.fit_distribution`: the distribution behind an expert's estimate, or behind data."""

from __future__ import annotations

from typing import Final

from engines.errors import InvalidInput
from engines.prism.fitting import ENGINE, ENGINE_VERSION
from engines.prism.fitting.estimates import fit_range
from engines.prism.fitting.model import DoesNotFit, FamilyName, LeftOut
from engines.prism.fitting.observations import families_of, fit_observations
from engines.prism.fitting.opinions import Opinion, fit_opinions
from engines.progress import Progress
from queues.artifacts import ArtifactStore
from queues.names import Queue
from tasks.artifact import Artifact
from tasks.declaration import task
from tasks.prism.fit_request import (
    ExpertOpinions,
    FitDistributionRequest,
    Observations,
    ThreePoints,
)
from tasks.prism.fit_result import (
    FamilyLeftOut,
    FitDistributionResult,
    FittedCandidate,
)
from tasks.prism.picture import PictureFormat, store_pictures
from tasks.prism.provenance import Provenance
from tasks.prism.tolerances import FITTED_DISTRIBUTION

_FOR_POINTS: Final[tuple[FamilyName, ...]] = ("pert", "triangular", "uniform")
_FOR_EXPERTS: Final[tuple[FamilyName, ...]] = (
    "lognormal", "gamma", "normal", "uniform", "pert", "triangular", "beta", "generalisedPareto",
)  # fmt: skip
"""Uniform before those that can be uniform as well."""

_Fitted = tuple[tuple[FittedCandidate, ...], tuple[LeftOut, ...], int | None]
"""The candidates, the families without one, and how many values there were."""


@task("prism.fit_distribution", queue=Queue.CPU, shadow=FITTED_DISTRIBUTION)
def fit_distribution(
    request: FitDistributionRequest, *, progress: Progress, artifacts: ArtifactStore
) -> FitDistributionResult:
    """Find the distribution behind an expert's estimate, or behind data."""
    evidence, families = request.evidence, request.families
    match evidence:
        case ThreePoints():
            candidates, left_out, used = _from_points(evidence, families or _FOR_POINTS)
        case ExpertOpinions():
            candidates, left_out, used = _from_experts(evidence, families or _FOR_EXPERTS, progress)
        case Observations():
            every = tuple(model.name for model in families_of(evidence.kind))
            candidates, left_out, used = _from_data(evidence, families or every, progress)
    return FitDistributionResult(
        name=request.name,
        best=candidates[0].distribution,
        candidates=candidates,
        left_out=tuple(FamilyLeftOut(family=each.family, reason=each.reason) for each in left_out),
        values_used=used,
        provenance=Provenance.of(
            request,
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            seed=evidence.seed if isinstance(evidence, Observations) else None,
        ),
        pictures=_pictures(request, candidates[0], artifacts),
    )


def _from_points(points: ThreePoints, families: tuple[FamilyName, ...]) -> _Fitted:
    candidates, left_out = [], []
    for family in families:
        try:
            fitted = fit_range(family, points.low, points.mode, points.high)
            candidates.append(FittedCandidate.of_points(family, fitted))
        except DoesNotFit as reason:
            left_out.append(LeftOut(family=family, reason=str(reason)))
    if not candidates:
        expected = f"one of {', '.join(_FOR_POINTS)} for three points"
        raise InvalidInput("families", expected=expected, received="others")
    return tuple(candidates), tuple(left_out), None


def _from_experts(
    evidence: ExpertOpinions, families: tuple[FamilyName, ...], progress: Progress
) -> _Fitted:
    opinions = [
        Opinion(probabilities=each.probabilities, values=each.values, weight=each.weight)
        for each in evidence.experts
    ]
    fits, left_out = fit_opinions(opinions, families, progress=progress)
    return tuple(FittedCandidate.of_estimate(fit) for fit in fits), left_out, None


def _from_data(data: Observations, families: tuple[FamilyName, ...], progress: Progress) -> _Fitted:
    ranking = fit_observations(
        data.values,
        kind=data.kind,
        families=families,
        threshold=data.threshold,
        bootstrap_samples=data.bootstrap_samples,
        seed=data.seed,
        progress=progress,
    )
    candidates = tuple(
        FittedCandidate.of_data(candidate, ranking.values) for candidate in ranking.candidates
    )
    return candidates, ranking.left_out, ranking.values.size


def _pictures(
    request: FitDistributionRequest, best: FittedCandidate, artifacts: ArtifactStore
) -> tuple[Artifact, ...]:
    if not best.quantiles or not request.pictures:
        return ()
    # Not at the top: a pool without the extra has no matplotlib, and knows every task.
    from engines.prism.fit_picture import fit_picture

    data = best.likelihood is not None

    def draw(form: PictureFormat) -> bytes:
        return fit_picture(
            [(pair.fitted, pair.seen) for pair in best.quantiles],
            title=request.name,
            subtitle=f"Quantiles {'observed' if data else 'estimated'} and of the best fit",
            seen="observed" if data else "estimated",
            footnote=f"{best.family} · {ENGINE} {ENGINE_VERSION}",
            format=form,
        )

    return store_pictures(request.pictures, draw, name="fit", artifacts=artifacts)
