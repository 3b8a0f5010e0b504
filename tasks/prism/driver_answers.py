"""What `prism.rank_drivers` says of the estimates in scenarios."""

from __future__ import annotations

from typing import Self

from engines.prism.drivers import tail_drivers, tornado, variance_shares
from engines.prism.fair_node import FairNode
from tasks.payload import Payload
from tasks.prism.annual_loss import AnnualLoss, Estimate


class DriverSwing(Payload):
    """One estimate, at a low and at a high percentile of its own, all others as they are."""

    scenario: str
    """The id of the scenario it belongs to."""
    node: FairNode
    """Its path in the scenario."""
    low: float
    """The estimate's value at the low percentile."""
    high: float
    """The estimate's value at the high percentile."""
    loss_at_low: float
    """The annual loss of all scenarios, were the estimate `low` for sure."""
    loss_at_high: float
    """The annual loss of all scenarios, were the estimate `high` for sure."""

    @classmethod
    def of(cls, swing: tornado.Swing) -> Self:
        return cls(
            scenario=swing.scenario,
            node=swing.node,
            low=swing.low,
            high=swing.high,
            loss_at_low=swing.loss_at_low,
            loss_at_high=swing.loss_at_high,
        )


class Tornado(Payload):
    """How far the annual loss moves with each estimate."""

    percent: float | None
    """The percentile of the annual loss that moves; null for the expected annual loss."""
    base: float
    """The annual loss with every estimate as uncertain as it is."""
    swings: tuple[DriverSwing, ...]
    """The widest first; of estimates that are uncertain."""

    @classmethod
    def of(cls, found: tornado.Tornado, percent: float | None) -> Self:
        swings = tuple(DriverSwing.of(swing) for swing in found.swings)
        return cls(percent=percent, base=found.base, swings=swings)


class VarianceDriver(Payload):
    """Sobol indices of an estimate, exact: its part in the variance of the annual loss.

    The annual loss here is the product form with every estimate drawn once a year, as if it were
    one unknown number: frequency times vulnerability times loss, summed over the scenarios.
    """

    scenario: str
    """The id of the scenario it belongs to."""
    node: FairNode
    """Its path in the scenario."""
    first: float
    """First-order index: the part of the variance that would go if the estimate were known."""
    total: float
    """Total index: the part that would stay if everything else were known."""

    @classmethod
    def of(cls, share: variance_shares.VarianceShare) -> Self:
        return cls(scenario=share.scenario, node=share.node, first=share.first, total=share.total)


class TailDriver(Payload):
    """What an estimate has to do with bad years, estimated; the limits are 95% intervals."""

    scenario: str
    """The id of the scenario it belongs to."""
    node: FairNode
    """Its path in the scenario."""
    first: Estimate
    """First-order Sobol index of whether the annual loss exceeds its percentile."""
    total: Estimate
    """Total Sobol index of the same."""
    rank_correlation: Estimate
    """Spearman's, of the estimate with the annual loss."""

    @classmethod
    def of(cls, driver: tail_drivers.TailDriver) -> Self:
        return cls(
            scenario=driver.scenario,
            node=driver.node,
            first=Estimate.of(driver.first),
            total=Estimate.of(driver.total),
            rank_correlation=Estimate.of(driver.rank_correlation),
        )


class ScenarioBesideOthers(Payload):
    """One scenario compared with the others."""

    scenario: str
    """Its id."""
    share: float | None
    """Of the expected annual loss of all scenarios; null where that is 0."""
    annual_loss: AnnualLoss
    """Exact, its limits those of discretisation; for a product-form scenario over quasi-random
    years, with 95% intervals."""
    dominates: tuple[str, ...]
    """The scenarios that are less likely to exceed any amount: whatever one's appetite, they are
    the smaller risk."""
