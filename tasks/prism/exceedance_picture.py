"""The picture of a result's exceedance curve, as an artifact."""

from __future__ import annotations

from collections.abc import Sequence

from engines.prism.risk_measures import ExceedancePoint
from queues.artifacts import ArtifactStore
from tasks.artifact import Artifact
from tasks.prism.annual_loss import AppetiteVerdict, Percentile


def store_exceedance_picture(
    curve: Sequence[ExceedancePoint],
    *,
    title: str,
    currency: str,
    percentiles: Sequence[Percentile],
    appetite: AppetiteVerdict | None,
    footnote: str,
    artifacts: ArtifactStore,
) -> Artifact:
    """Draw the curve, store the PNG and give its reference."""
    # Here, because the catalogue is read where the `prism` extra, matplotlib, is not installed.
    from engines.prism import exceedance_picture as picture

    marked_appetite = None
    if appetite is not None:
        marked_appetite = picture.MarkedAppetite(
            loss=appetite.annual_loss, probability=appetite.probability_of_exceeding.value
        )
    png = picture.exceedance_picture(
        curve,
        title=title,
        currency=currency,
        percentiles=[
            picture.MarkedPercentile(percent=each.percent, loss=each.value) for each in percentiles
        ],
        appetite=marked_appetite,
        footnote=footnote,
    )
    return Artifact.of(artifacts.put(png, media_type="image/png", name="exceedance-curve.png"))
