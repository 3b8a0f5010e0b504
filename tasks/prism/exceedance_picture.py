"""The picture of a result's exceedance curves, as artifacts."""

from __future__ import annotations

from engines.prism import annual_loss_answers
from queues.artifacts import ArtifactStore
from tasks.artifact import Artifact
from tasks.prism.annual_loss import AnnualLoss
from tasks.prism.annual_loss_request import AnnualLossRequest
from tasks.prism.appetite import AppetiteVerdict
from tasks.prism.picture import PictureFormat, store_pictures


def store_exceedance_pictures(
    request: AnnualLossRequest,
    gross: AnnualLoss,
    net: AnnualLoss | None,
    appetite: AppetiteVerdict | None,
    how: str,
    artifacts: ArtifactStore,
) -> tuple[Artifact, ...]:
    """Draw the curves in the formats asked for, store them and give their references.

    None if no year has a loss. `how` says how the numbers were computed.
    """
    borne = gross if net is None else net
    if not request.pictures or not borne.exceedance_curve:
        return ()
    # Here, because the catalogue is read where the `prism` extra, matplotlib, is not installed.
    from engines.prism import exceedance_picture as picture

    def draw(format: PictureFormat) -> bytes:
        curves = [_curve("after insurance" if net else "annual loss", borne)]
        if net is not None and gross.exceedance_curve:
            curves.append(_curve("before insurance", gross))
        return picture.exceedance_picture(
            curves,
            title=request.name,
            currency=request.currency,
            percentiles=[
                picture.MarkedPercentile(percent=each.percent, loss=each.value)
                for each in borne.percentiles
            ],
            appetite=_marked(appetite),
            appetite_curve=[
                (point.annual_loss, point.tolerated)
                for point in (appetite.curve if appetite else ())
                if point.annual_loss > 0
            ],
            footnote=f"{how} · seed {request.seed}",
            format=format,
        )

    def _curve(label: str, loss: AnnualLoss) -> picture.LabelledCurve:
        points = [
            annual_loss_answers.ExceedancePoint(
                loss=point.loss,
                probability=point.probability,
                lower=point.lower,
                upper=point.upper,
            )
            for point in loss.exceedance_curve
        ]
        return picture.LabelledCurve(label=label, points=points)

    def _marked(verdict: AppetiteVerdict | None) -> picture.MarkedAppetite | None:
        if (
            verdict is None
            or verdict.annual_loss is None
            or verdict.probability_of_exceeding is None
        ):
            return None
        return picture.MarkedAppetite(
            loss=verdict.annual_loss, probability=verdict.probability_of_exceeding.value
        )

    return store_pictures(request.pictures, draw, name="exceedance-curve", artifacts=artifacts)
