"""`prism.simulate_portfolio`: what loss scenarios may cost in a year together."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engines.prism.analytic.aggregate_loss import MAX_SCENARIOS
from engines.prism.dependence import copulas
from engines.prism.portfolio import Portfolio
from engines.prism.warm_up import warm_up
from engines.progress import Progress
from queues.artifacts import ArtifactStore
from queues.names import Queue
from tasks.declaration import FanOut, task
from tasks.prism.annual_loss_answer import answer, merge, split
from tasks.prism.annual_loss_request import AnnualLossRequest
from tasks.prism.annual_loss_result import AnnualLossResult
from tasks.prism.annual_loss_shard import simulate_shard
from tasks.prism.dependence import Dependence
from tasks.prism.named_scenario import NamedScenario, engine_scenarios
from tasks.prism.tolerances import ANNUAL_LOSS


class SimulatePortfolioRequest(AnnualLossRequest):
    """Scenarios, how they depend on each other, and how closely to look at them."""

    scenarios: Annotated[tuple[NamedScenario, ...], Field(min_length=1, max_length=MAX_SCENARIOS)]
    """All amounts are in the request's currency."""
    dependence: Dependence | None = None
    """Without one the scenarios are independent. At most 100 scenarios may depend on each other."""

    def portfolio(self) -> Portfolio:
        """Give the scenarios by id."""
        return Portfolio(scenarios=engine_scenarios(self.scenarios), insurance=self.policy())

    def joined_by(self) -> copulas.Dependence | None:
        """Give the copula, and what it joins."""
        return None if self.dependence is None else self.dependence.engine()


@task(
    "prism.simulate_portfolio",
    queue=Queue.CPU,
    fan_out=FanOut(split=split, shard=simulate_shard, merge=merge),
    warm_up=warm_up,
    shadow=ANNUAL_LOSS,
)
def simulate_portfolio(
    request: SimulatePortfolioRequest, *, progress: Progress, artifacts: ArtifactStore
) -> AnnualLossResult:
    """Compute what loss scenarios may cost in a year together, dependent on each other or not."""
    return answer(request, progress=progress, artifacts=artifacts)
