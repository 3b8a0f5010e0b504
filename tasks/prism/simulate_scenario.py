"""`prism.simulate_scenario`: what a loss scenario may cost in a year."""

from __future__ import annotations

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
from tasks.prism.scenario import Scenario
from tasks.prism.tolerances import ANNUAL_LOSS


class SimulateScenarioRequest(AnnualLossRequest):
    """A scenario, and how closely to look at it."""

    scenario: Scenario

    def portfolio(self) -> Portfolio:
        """Give a portfolio of one."""
        return Portfolio(scenarios={"scenario": self.scenario.engine()}, insurance=self.policy())


@task(
    "prism.simulate_scenario",
    queue=Queue.CPU,
    fan_out=FanOut(split=split, shard=simulate_shard, merge=merge),
    warm_up=warm_up,
    shadow=ANNUAL_LOSS,
)
def simulate_scenario(
    request: SimulateScenarioRequest, *, progress: Progress, artifacts: ArtifactStore
) -> AnnualLossResult:
    """Compute what a FAIR loss scenario may cost in a year, exactly or by simulation."""
    return answer(request, progress=progress, artifacts=artifacts)
