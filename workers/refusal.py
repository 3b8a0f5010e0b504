"""Jobs that the intake could read and would not let run: they end with its error."""

from __future__ import annotations

from dataclasses import dataclass

from queues.job_error import JobError
from queues.names import Queue
from tasks.declaration import Declaration
from tasks.payload import Payload
from workers.failure import JobFailed
from workers.intake import REFUSE
from workers.job_run import Attempt, JobRun, Outcome


def _never(request: Payload) -> Payload:
    """End the job with the intake's error."""
    raise TypeError("a refused job has nothing to run")


REFUSAL = Declaration(
    name=REFUSE,
    queue=Queue.CPU,
    also_on=frozenset(Queue),
    run=_never,
    request=Payload,
    result=Payload,
)


@dataclass(frozen=True, kw_only=True)
class RefusalRun(JobRun):
    """Records a job that was refused, and gives its caller the reason."""

    error: JobError

    def compute(self, attempt: Attempt) -> Payload | Outcome:
        """End the job."""
        raise JobFailed(self.error.model_dump(mode="json"))
