"""A fleet on services that it was given, as in production, and `fleet health` of it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from queues.ledger import Ledger
from queues.message import TaskMessage
from queues.names import Queue
from queues.redis_connection import connect
from queues.submission import SubmissionRegistry
from tests.conftest import new_database
from tests.fleet import eventually
from tests.workers.cli.conftest import Ended, FleetCommand
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis

PASSWORD = "a password for Flower"


@dataclass(frozen=True)
class Given:
    """A running fleet, and the Redis that it does not own."""

    command: FleetCommand
    redis: EmbeddedRedis
    ledger: Ledger
    log: Path

    def health(self, *arguments: str) -> Ended:
        return self.command("health", *arguments)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres) -> Iterator[Given]:
    """A fleet whose services were there before it, told of them in files."""
    folder = tmp_path_factory.mktemp("given")
    database_url = new_database(postgres)
    with EmbeddedRedis(folder / "outside") as redis, closing(Ledger(database_url)) as ledger:
        secrets = {
            "REDIS_URL": redis.url,
            "DATABASE_URL": database_url,
            "RISKFLEET_FLOWER_PASSWORD": PASSWORD,
        }
        for name, text in secrets.items():
            (folder / name).write_text(f"{text}\n")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = str(listener.getsockname()[1])
        command = FleetCommand(
            folder,
            {f"{name}_FILE": str(folder / name) for name in secrets}
            | {"RISKFLEET_FLOWER_PORT": port, "RISKFLEET_LEASE_SECONDS": "3"},
        )
        log = folder / "fleet.log"
        process = command.start("up", "--pools", "etl", log=log)
        try:
            eventually(lambda: process.poll() is not None or "| up;" in log.read_text())
            assert process.poll() is None, log.read_text()
            yield Given(command, redis, ledger, log)
        finally:
            process.terminate()
            process.wait(60)
        assert connect(redis.url).ping()


def test_it_starts_none_of_its_own(given: Given) -> None:
    """Its folder holds no data of services, and jobs run; its end leaves the services running."""
    message = TaskMessage(task="fleet.echo", job_id=str(uuid4()), queue=Queue.ETL, request={})
    SubmissionRegistry(connect(given.redis.url)).submit(message)

    eventually(lambda: (job := given.ledger.get(UUID(message.job_id))) and job.state.is_final)
    kept = {each.name for each in (given.command.folder / ".fleet").iterdir()}
    assert kept & {"redis", "postgres"} == set()


def test_a_password_that_was_given_is_not_looked_for_here(given: Given) -> None:
    """Where Flower has a password of yours, nobody is sent to the file with the fleet's own."""
    assert "(password in RISKFLEET_FLOWER_PASSWORD)" in given.log.read_text()


@pytest.mark.parametrize("service", ["etl", "housekeeping", "beat", "flower"])
def test_what_runs_is_well(given: Given, service: str) -> None:
    """A service that lives and reaches its stores says so, with exit code 0."""
    ended = eventually(lambda: (ended := given.health(service)).returncode == 0 and ended)

    assert ended.stdout == f"{service} is well\n"


def test_what_does_not_run_is_not(given: Given) -> None:
    """A pool of which no worker runs on this machine is not well, even if the stores are."""
    ended = given.health("cpu", "--itself")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"fleet: nothing is heard of cpu on {socket.gethostname()}\n"


def test_a_service_that_does_not_exist_is_a_mistake(given: Given) -> None:
    """A healthcheck of a misspelt name never passes, and says what there is."""
    ended = given.health("gup")

    assert ended.returncode == 2
    assert ended.stderr.startswith("fleet: no service is called gup; there are cpu, gpu, etl")


def test_a_lost_store_is_no_reason_to_restart(given: Given) -> None:
    """Without Redis a worker is not well, but what asks only about itself lets it wait."""
    given.redis.kill()
    whole, itself = given.health("etl"), given.health("etl", "--itself")
    given.redis.start()

    assert (whole.returncode, itself.returncode) == (1, 0)
    assert whole.stderr.startswith("fleet: Redis (REDIS_URL) does not answer: ")
    eventually(lambda: given.health("etl").returncode == 0)
