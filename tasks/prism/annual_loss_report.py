"""Writes the result of a computed annual loss: every answer, its pictures, its provenance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engines.prism import ENGINE, ENGINE_VERSION
from engines.prism.annual_loss_answers import AnnualLossAnswers
from engines.prism.annual_losses import AnnualLosses, Part
from engines.prism.convergence import relative_half_width
from engines.prism.cross_check import Agreement
from engines.prism.engine_choice import Choice, Engine
from engines.prism.monte_carlo.workspace import BLOCK_TRIALS
from queues.artifacts import ArtifactStore
from tasks.prism.annual_loss import AnnualLoss
from tasks.prism.annual_loss_request import AnnualLossRequest
from tasks.prism.annual_loss_result import (
    AnnualLossProvenance,
    AnnualLossResult,
    Contribution,
    Convergence,
    CrossCheck,
    EngineReport,
    TailContribution,
)
from tasks.prism.appetite import AppetiteVerdict
from tasks.prism.exceedance_picture import store_exceedance_pictures


@dataclass(frozen=True, kw_only=True)
class Computation:
    """How an annual loss was computed."""

    choice: Choice
    trials: int | None = None
    tables_sha256: str | None = None
    agreement: Agreement | None = None
    repair_distance: float = 0.0


def report(
    request: AnnualLossRequest,
    losses: AnnualLosses,
    computation: Computation,
    artifacts: ArtifactStore,
) -> AnnualLossResult:
    """Give the result, and store its pictures."""
    gross = _annual_loss(request, losses.gross)
    net = _asked(request, losses.net)
    is_exact = computation.choice.engine is Engine.ANALYTIC
    appetite = None
    if request.appetite is not None:
        appetite = AppetiteVerdict.of(losses.borne, request.appetite)
    return AnnualLossResult(
        name=request.name,
        currency=request.currency,
        gross=gross,
        ceded=_asked(request, losses.ceded),
        net=net,
        largest_event=_asked(request, losses.largest_event),
        limits="discretisation" if is_exact else "confidence95",
        appetite=appetite,
        by_scenario=_contributions(request, losses.by_scenario, gross),
        by_form=_contributions(request, losses.by_form, gross),
        engine=_engine(computation),
        convergence=None if is_exact else _convergence(request, losses, computation),
        provenance=_provenance(request, computation),
        pictures=store_exceedance_pictures(
            request, gross, net, appetite, _how(computation), artifacts
        ),
    )


def _asked(request: AnnualLossRequest, loss: AnnualLossAnswers | None) -> AnnualLoss | None:
    return None if loss is None else _annual_loss(request, loss)


def _annual_loss(request: AnnualLossRequest, loss: AnnualLossAnswers) -> AnnualLoss:
    return AnnualLoss.of(
        loss,
        percentiles=request.percentiles,
        tail_percents=request.tail_percents,
        curve_points=request.curve_points,
    )


def _contributions(
    request: AnnualLossRequest, parts: Sequence[Part], whole: AnnualLoss
) -> tuple[Contribution, ...]:
    tails = [risk.tail_value_at_risk.value for risk in whole.tail_risk]
    return tuple(
        Contribution(
            part=part.name,
            mean=part.mean,
            share=_share(part.mean, whole.mean.value),
            tail=tuple(
                TailContribution(percent=percent, amount=amount, share=_share(amount, tail))
                for percent, amount, tail in zip(
                    request.tail_percents, part.tails, tails, strict=True
                )
            ),
        )
        for part in parts
    )


def _share(amount: float, whole: float) -> float | None:
    return amount / whole if whole > 0 else None


def _engine(computation: Computation) -> EngineReport:
    agreement = computation.agreement
    return EngineReport(
        name=computation.choice.engine,
        reason=computation.choice.reason,
        cross_check=None
        if agreement is None
        else CrossCheck(
            trials=agreement.trials,
            compared=agreement.compared,
            largest_deviation=agreement.largest_deviation,
        ),
        correlation_repair_distance=computation.repair_distance
        if computation.choice.engine is Engine.COPULA
        else None,
    )


def _convergence(
    request: AnnualLossRequest, losses: AnnualLosses, computation: Computation
) -> Convergence | None:
    precision, trials = request.precision, computation.trials
    if precision is None or trials is None:
        return None
    width = relative_half_width(losses.gross, precision.percent)
    return Convergence(
        is_converged=width is not None and width <= precision.relative_half_width,
        percent=precision.percent,
        relative_half_width=width,
        trials=trials,
    )


def _provenance(request: AnnualLossRequest, computation: Computation) -> AnnualLossProvenance:
    in_blocks = computation.tables_sha256 is not None
    return AnnualLossProvenance.of(
        request,
        engine=ENGINE,
        engine_version=ENGINE_VERSION,
        seed=request.seed,
        trials=computation.trials,
        block_trials=BLOCK_TRIALS if in_blocks else None,
        tables_sha256=computation.tables_sha256,
    )


def _how(computation: Computation) -> str:
    """Give the footnote of a picture."""
    engine = f"engine {computation.choice.engine} {ENGINE_VERSION}"
    if computation.trials is None:
        return f"exact · {engine}"
    return f"{computation.trials:,} simulated years · {engine}"
