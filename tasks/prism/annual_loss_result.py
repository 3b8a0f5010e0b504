"""What a request for an annual loss is answered with."""

from __future__ import annotations

from typing import Literal

from engines.prism.engine_choice import Engine
from tasks.artifact import Artifact
from tasks.payload import Count, Payload
from tasks.prism.annual_loss import AnnualLoss
from tasks.prism.annual_loss_request import Trials
from tasks.prism.appetite import AppetiteVerdict
from tasks.prism.provenance import Provenance, Sha256


class CrossCheck(Payload):
    """How the exact answer compares with a short simulation. One that disagrees fails the job."""

    trials: Trials
    """Simulated years of the check."""
    compared: Count
    """Probabilities that were compared, from the body to the tail."""
    largest_deviation: float
    """The largest difference among them, in standard errors; more than 5 would be a failure."""


class EngineReport(Payload):
    """What computed the numbers."""

    name: Engine
    """The engine that was taken."""
    reason: str
    """Why it and no other."""
    cross_check: CrossCheck | None
    """Where `auto` took the analytic engine."""
    correlation_repair_distance: float | None
    """How far the correlations inside a copula were moved to be possible (Frobenius norm); null
    without a copula."""


class Convergence(Payload):
    """Whether the simulation is as precise as asked."""

    is_converged: bool
    """Whether the interval is as narrow as asked."""
    percent: float
    """Of the percentile whose interval it is."""
    relative_half_width: float | None
    """Half its interval as a share of its value; null where it has none."""
    trials: Trials
    """Simulated years in the end."""


class TailContribution(Payload):
    """What a part brings to the mean of the worst years of the whole."""

    percent: float
    """Of years that are not among the worst."""
    amount: float
    """The mean of the part in those years."""
    share: float | None
    """Of the whole's tail value at risk; null where that is 0."""


class Contribution(Payload):
    """What a scenario or a form of loss brings to the gross annual loss."""

    part: str
    """The scenario's id, or the form of loss."""
    mean: float
    """Its expected annual loss; the parts add up to that of the whole."""
    share: float | None
    """Of the whole's expected annual loss; null where that is 0."""
    tail: tuple[TailContribution, ...]
    """For each of `tailPercents`; the parts add up to the tail value at risk of the whole."""


class AnnualLossProvenance(Provenance):
    """What the numbers depend on."""

    trials: Trials | None
    """Simulated years; null for an analytic answer."""
    block_trials: Trials | None
    """Simulated years that share a random stream; null for an analytic answer."""
    tables_sha256: Sha256 | None
    """Of the tables the random variates were looked up in, the same for all shards."""


class AnnualLossResult(Payload):
    """The annual loss, every amount in `currency`."""

    name: str
    """As in the request."""
    currency: str
    """As in the request."""
    gross: AnnualLoss
    """Before insurance."""
    ceded: AnnualLoss | None
    """What the insurance pays; null without one."""
    net: AnnualLoss | None
    """What is left; null without an insurance: then it is the gross loss."""
    largest_event: AnnualLoss | None
    """The largest single loss event of a year, before insurance; null unless asked for."""
    limits: Literal["confidence95", "discretisation"]
    """What lower and upper limits are: a 95% confidence interval of a simulation, or how far the
    grid of the analytic answer can have moved it."""
    appetite: AppetiteVerdict | None
    """Of the net loss; null without an appetite."""
    by_scenario: tuple[Contribution, ...]
    """Empty unless contributions are asked for."""
    by_form: tuple[Contribution, ...]
    """By form of loss, primary and secondary; empty unless contributions are asked for."""
    engine: EngineReport
    convergence: Convergence | None
    """Null unless a precision is asked for, or where the answer is analytic."""
    provenance: AnnualLossProvenance
    pictures: tuple[Artifact, ...]
    """Of the exceedance curves; none when no year has a loss."""
