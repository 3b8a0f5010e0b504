"""`fleet demo`: a fleet from nothing, a scenario simulated on it, and nothing left running."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import typer

import workers
from config.environment import for_child
from queues.events import JobEvent
from queues.message import TaskMessage
from queues.submission import SubmissionRegistry
from workers.cli.connection import Connection
from workers.cli.failure import CommandFailed
from workers.cli.following import events_of, show_events
from workers.cli.jobs import print_events, print_ledger_row
from workers.cli.outcome import show_outcome
from workers.cli.printing import console
from workers.cli.request_file import request_in
from workers.cli.task_names import declared
from workers.supervisor.fleet_folder import FleetFolder
from workers.supervisor.program import Program, popen_options

_ROOT = Path(workers.__file__).parents[1]
_TASK = "prism.simulate_scenario"
_REQUEST = _ROOT / "examples" / "ransomware.json"
_CLIENT = _ROOT / "clients" / "typescript" / "dist" / "examples" / "submit.js"
_DATA = _ROOT / ".fleet" / "demo"
_PATIENCE = timedelta(minutes=2)
_POLL_SECONDS = 0.05
_TAIL_LINES = 25


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(demo)


def demo(
    data: Annotated[
        Path, typer.Option(help="The data folder; what it shows is kept there.")
    ] = _DATA,
) -> None:
    """Start a fleet, simulate a ransomware scenario on it, print what it costs, stop it."""
    began = time.monotonic()
    with _running_fleet(data.resolve()) as variables:
        fleet = Connection(variables["REDIS_URL"], variables["DATABASE_URL"])
        console.print(f"Up after {time.monotonic() - began:.1f} s")
        with closing(_submitted(fleet, variables)) as events:
            last = show_events(events, console)
        job = None if last is None else fleet.ledger.get(UUID(last.job_id))
        if job is None:
            raise CommandFailed("the job was not submitted")
        console.print()
        show_outcome(job, as_json=False)
        console.print("\nThe job in the ledger:")
        print_ledger_row(job)
        print_events(fleet.ledger.events(job.id))
        console.print("\nStopping everything")
    console.print(f"Done in {time.monotonic() - began:.1f} s")


def _submitted(fleet: Connection, variables: Mapping[str, str]) -> Generator[JobEvent]:
    """Submit the example from TypeScript if that can be, else from Python; give its events."""
    what = f"Submitting {_REQUEST.relative_to(_ROOT)}"
    node = shutil.which("node")
    if node is not None and _CLIENT.exists():
        console.print(f"{what} from TypeScript ({_CLIENT.relative_to(_ROOT)})", soft_wrap=True)
        return _submitted_from_typescript(node, variables)
    missing = "Node is not installed" if node is None else "the TypeScript client is not built"
    console.print(f"{what} from Python, because {missing}", soft_wrap=True)
    return _submitted_from_python(fleet)


def _submitted_from_typescript(node: str, variables: Mapping[str, str]) -> Generator[JobEvent]:
    command = (node, str(_CLIENT), _TASK, str(_REQUEST))
    environment = for_child(**variables)
    with subprocess.Popen(  # noqa: S603 - the command is ours
        command, env=environment, stdout=subprocess.PIPE, text=True
    ) as client:
        try:
            for line in client.stdout or ():
                told = json.loads(line)
                if "kind" in told:
                    yield JobEvent.model_validate(told)
        finally:
            client.terminate()


def _submitted_from_python(fleet: Connection) -> Generator[JobEvent]:
    task = declared(_TASK)
    job_id = uuid4()
    message = TaskMessage(
        sent_at=datetime.now(UTC),
        task=task.name,
        job_id=str(job_id),
        queue=task.queue,
        request=request_in(str(_REQUEST), task),
        origin="fleet demo",
    )
    SubmissionRegistry(fleet.redis).submit(message)
    yield from events_of(fleet, job_id)


@contextmanager
def _running_fleet(data: Path) -> Iterator[Mapping[str, str]]:
    """Run a fleet of our own, whatever the environment says of others; give its addresses."""
    folder = FleetFolder(data)
    data.mkdir(parents=True, exist_ok=True)
    log = data / "fleet.log"
    command = Program(
        name="fleet",
        command=(sys.executable, "-m", "workers.cli", "up", "--pools", "cpu", "--data", str(data)),
        environment=for_child(REDIS_URL="", DATABASE_URL="", RISKFLEET_ARTIFACTS=""),
        orphan_signal=signal.SIGTERM,
    )
    console.print(f"Starting Redis, Postgres and workers (log: {log})", soft_wrap=True)
    with log.open("w") as output:
        process = subprocess.Popen(command.command, stdout=output, **popen_options(command))  # noqa: S603
    try:
        yield _addresses(folder, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait()
    if status:
        raise CommandFailed(f"the fleet did not stop cleanly:\n{_tail(log)}")


def _addresses(
    folder: FleetFolder, process: subprocess.Popen[bytes], log: Path
) -> Mapping[str, str]:
    deadline = time.monotonic() + _PATIENCE.total_seconds()
    while not (variables := folder.running_fleet()):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CommandFailed(f"the fleet did not start:\n{_tail(log)}")
        time.sleep(_POLL_SECONDS)
    return variables


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
