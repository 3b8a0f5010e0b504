"""How a request for an annual loss is answered: in one go, or by shards and a merge."""

from __future__ import annotations

from collections.abc import Sequence

from engines.errors import InvalidInput
from engines.prism.analytic import aggregate_loss
from engines.prism.annual_losses import AnnualLosses, of_aggregate, of_points, of_years
from engines.prism.checked_answer import checked_aggregate_loss
from engines.prism.convergence import trials_needed
from engines.prism.dependence.joint_tables import JointTables, tabulate_jointly
from engines.prism.engine_choice import Choice, Engine
from engines.prism.monte_carlo.simulated_loss import SimulatedLoss
from engines.prism.monte_carlo.simulation import (
    block_count,
    check_size,
    merge_years,
    most_trials,
)
from engines.prism.monte_carlo.tables import Tables
from engines.prism.monte_carlo.tabulation import expected_draws, tabulate
from engines.prism.quasi_monte_carlo.product_years import quasi_monte_carlo
from engines.progress import Progress, parts
from queues.artifacts import ArtifactStore
from tasks.prism.annual_loss_report import Computation, report
from tasks.prism.annual_loss_request import AnnualLossRequest
from tasks.prism.annual_loss_result import AnnualLossResult
from tasks.prism.annual_loss_shard import (
    AnyTables,
    ShardRequest,
    ShardResult,
    draws_of,
    joining_draws,
    repair_distance,
    shard_requests,
    simulate_blocks,
    worthwhile_shards,
)


def split(
    request: AnnualLossRequest, *, progress: Progress, artifacts: ArtifactStore
) -> list[ShardRequest]:
    """Cut a long simulation into shards of about a second each."""
    most = request.trials if request.precision is None else request.precision.max_trials
    # The tables are made only where they will be used: they cost more than a short simulation.
    if not _is_simulated(request) or worthwhile_shards(_expected_draws(request), most) < 2:
        return []
    tables = _tables(request, progress)
    trials = _planned_trials(request, tables, progress)
    shards = worthwhile_shards(draws_of(tables), trials)
    if shards < 2:
        return []
    return shard_requests(
        tables, seed=request.seed, trials=trials, shards=shards, artifacts=artifacts
    )


def merge(
    request: AnnualLossRequest, shards: Sequence[ShardResult], *, artifacts: ArtifactStore
) -> AnnualLossResult:
    """Give the result of the whole simulation, the same for every way of cutting it."""
    years = merge_years([shard.years.years() for shard in shards])
    return report(
        request,
        of_years(years, tail_percents=request.tail_percents),
        Computation(
            choice=request.choice(),
            trials=years.gross.trials,
            tables_sha256=shards[0].tables_sha256,
            repair_distance=shards[0].repair_distance,
        ),
        artifacts,
    )


def answer(
    request: AnnualLossRequest, *, progress: Progress, artifacts: ArtifactStore
) -> AnnualLossResult:
    """Answer in this process."""
    choice = request.choice()
    if choice.engine is Engine.QUASI_MONTE_CARLO:
        return report(request, *_over_points(request, progress), artifacts)
    if choice.engine is Engine.ANALYTIC:
        try:
            return report(request, *_exact(request, progress), artifacts)
        except InvalidInput as refusal:
            if Engine(request.engine) is not Engine.AUTO:
                raise
            reason = f"the analytic engine takes {refusal.expected}"
            choice = Choice(Engine.MONTE_CARLO, reason)
    return report(request, *_simulated(request, choice, progress), artifacts)


def _expected_draws(request: AnnualLossRequest) -> float:
    portfolio = request.portfolio()
    draws = expected_draws(portfolio)
    return draws if request.joined_by() is None else draws + joining_draws(len(portfolio.scenarios))


def _is_simulated(request: AnnualLossRequest) -> bool:
    return request.choice().engine in (Engine.MONTE_CARLO, Engine.COPULA)


def _exact(request: AnnualLossRequest, progress: Progress) -> tuple[AnnualLosses, Computation]:
    choice, agreement = request.choice(), None
    if Engine(request.engine) is Engine.AUTO:
        loss, agreement = checked_aggregate_loss(
            request.portfolio(),
            largest_event=request.largest_event,
            seed=request.seed,
            progress=progress,
        )
    else:
        loss = aggregate_loss(request.portfolio(), progress=progress)
    losses = of_aggregate(
        loss,
        largest_event=request.largest_event,
        tail_percents=request.tail_percents if request.contributions else None,
    )
    return losses, Computation(choice=choice, agreement=agreement)


def _over_points(
    request: AnnualLossRequest, progress: Progress
) -> tuple[AnnualLosses, Computation]:
    losses = quasi_monte_carlo(
        request.portfolio(), trials=request.trials, seed=request.seed, progress=progress
    )
    return of_points(losses, request.policy()), Computation(
        choice=request.choice(), trials=losses.losses.size
    )


def _simulated(
    request: AnnualLossRequest, choice: Choice, progress: Progress
) -> tuple[AnnualLosses, Computation]:
    tables = _tables(request, progress)
    trials = _planned_trials(request, tables, progress)
    years = simulate_blocks(
        tables,
        seed=request.seed,
        trials=trials,
        blocks=range(block_count(trials)),
        progress=progress,
    )
    return of_years(years, tail_percents=request.tail_percents), Computation(
        choice=choice,
        trials=trials,
        tables_sha256=tables.sha256,
        repair_distance=repair_distance(tables),
    )


def _tables(request: AnnualLossRequest, progress: Progress) -> AnyTables:
    dependence, portfolio = request.joined_by(), request.portfolio()
    if dependence is None:
        tables = tabulate(
            portfolio,
            amounts=request.amounts,
            largest_event=request.largest_event,
            contributions=request.contributions,
        )
        check_size(tables, request.trials)
        return tables
    joint = tabulate_jointly(
        portfolio,
        dependence,
        amounts=request.amounts,
        largest_event=request.largest_event,
        contributions=request.contributions,
        progress=progress,
    )
    check_size(joint.events, request.trials)
    return joint


def _planned_trials(request: AnnualLossRequest, tables: AnyTables, progress: Progress) -> int:
    """Give the trials asked for, or those that a first look says the asked precision takes."""
    precision = request.precision
    if precision is None:
        return request.trials
    (look,) = parts(progress, 0.0, 0.1, count=1)
    years = simulate_blocks(
        tables,
        seed=request.seed,
        trials=request.trials,
        blocks=range(block_count(request.trials)),
        progress=look,
    )
    return trials_needed(
        SimulatedLoss(years.gross),
        request.trials,
        percent=precision.percent,
        wanted=precision.relative_half_width,
        most=min(precision.max_trials, most_trials(_of_events(tables))),
    )


def _of_events(tables: AnyTables) -> Tables:
    return tables.events if isinstance(tables, JointTables) else tables
