"""A whole fleet with no more rights than it needs: Redis users, TLS, Postgres roles, Flower."""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from flower.urls import handlers

from queues.ledger import State, Submission
from queues.names import result_key
from queues.redis_access import BACKEND
from queues.redis_connection import connect
from queues.request_hash import request_hash
from queues.submission import SubmissionRegistry
from tests.access.conftest import Users
from tests.access.guarded_postgres import GuardedDatabase
from tests.access.guarded_redis import ADMIN, GuardedRedis
from tests.clients.test_typescript import CLIENT
from tests.fleet import FleetUnderTest, eventually

_RUN_FLOWER = "from workers.flower import run_flower; run_flower()"
_PASSWORD = "the password of Flower"
_OPEN = {r"/healthcheck", r"/static/(.*)", r"/login/?", r"/logout", r".*"}
"""What Flower shows without a password: that it lives, its own files, and pages of no content."""


@dataclass(frozen=True)
class Flower:
    """Flower, as a browser sees it."""

    port: int

    def ask(self, method: str, path: str, *, password: str | None = _PASSWORD) -> tuple[int, str]:
        """Give status and text of an answer."""
        headers = {}
        if password is not None:
            credentials = base64.b64encode(f"fleet:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {credentials}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def is_up(self) -> bool:
        """Tell whether it answers."""
        try:
            return self.ask("GET", "/healthcheck") == (200, "OK")
        except OSError:
            return False


@pytest.fixture(scope="module")
def guarded_fleet(
    guarded_redis: GuardedRedis,
    guarded_database: GuardedDatabase,
    users: Users,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FleetUnderTest]:
    """Workers, housekeeping and beat, all by TLS and each with its own rights."""
    users[ADMIN].flushall()
    users[ADMIN].execute_command("ACL", "LOG", "RESET")
    folder = tmp_path_factory.mktemp("guarded-fleet")
    with FleetUnderTest(
        folder, guarded_redis, guarded_database.url_of("riskfleet_worker")
    ) as fleet:
        fleet.start_beat()
        fleet.start()
        fleet.start("housekeeping")
        yield fleet


@pytest.fixture(scope="module")
def flower(guarded_fleet: FleetUnderTest) -> Flower:
    """Flower beside them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    guarded_fleet._start(
        _RUN_FLOWER,
        "flower",
        {"RISKFLEET_FLOWER_PORT": str(port), "RISKFLEET_FLOWER_PASSWORD": _PASSWORD},
    )
    flower = Flower(port)
    eventually(flower.is_up)
    return flower


def test_python_submits(guarded_fleet: FleetUnderTest, guarded_redis: GuardedRedis) -> None:
    """A backend in Python has its job run, with the rights of a backend."""
    backend = connect(guarded_redis.url_of(BACKEND))
    message = guarded_fleet.message({"message": "hello"})

    SubmissionRegistry(backend).submit(message)

    def look() -> bool:
        meta = json.loads(backend.get(result_key(message.job_id)) or "{}")
        return bool(meta.get("status") == "SUCCESS")

    eventually(look)


@pytest.mark.skipif(
    shutil.which("npm") is None or not (CLIENT / "node_modules").exists(),
    reason="the TypeScript client needs Node 20 and `make setup`",
)
def test_typescript_client(guarded_fleet: FleetUnderTest, guarded_redis: GuardedRedis) -> None:
    """The TypeScript client needs no more than the rights of a backend, and speaks TLS."""
    environment = os.environ | {
        "RISKFLEET_TEST_REDIS_URL": guarded_redis.tls_url_of(BACKEND).partition("?")[0],
        "NODE_EXTRA_CA_CERTS": str(guarded_redis.authority.certificate),
    }

    subprocess.run(["npm", "run", "build"], cwd=CLIENT, capture_output=True, check=True)

    run = subprocess.run(
        ["node", "--test", "dist/test/fleet/jobs.test.js"],
        cwd=CLIENT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]


def test_beat_and_housekeeping_do_their_work(guarded_fleet: FleetUnderTest) -> None:
    """A job that Redis lost is sent again: beat asks for it, housekeeping finds it."""
    job_id = uuid4()
    request = {"message": "lost"}
    lost = Submission(
        id=job_id,
        task="fleet.echo",
        tenant="default",
        queue="cpu",
        priority="normal",
        request=json.dumps(request),
        request_hash=request_hash(task="fleet.echo", tenant="default", request=request),
    )

    guarded_fleet.ledger.register([lost])

    assert guarded_fleet.ended(str(job_id)).state is State.SUCCEEDED


def test_flower_shows_the_workers(flower: Flower) -> None:
    """Flower hears of workers, by TLS too."""

    def look() -> Any:
        status, text = flower.ask("GET", "/workers?json=1")
        assert status == 200
        return {each["hostname"].partition("-")[0] for each in json.loads(text)["data"]}

    assert eventually(lambda: look() >= {"cpu", "housekeeping"})


def test_flower_is_closed(flower: Flower) -> None:
    """Nothing of Flower answers without the password, except that it lives."""
    patterns = [
        handler.regex.pattern if hasattr(handler, "regex") else handler[0] for handler in handlers
    ]
    paths = {
        pattern.rstrip("$").replace("(.+)", "x").replace("(.*)", "x")
        for pattern in patterns
        if pattern.rstrip("$") not in _OPEN
    }
    assert len(paths) > 25

    for password in (None, "another password"):
        answered = {
            path: {flower.ask(method, path, password=password)[0] for method in ("GET", "POST")}
            for path in paths
        }
        # 405: it takes the other of the two.
        assert {path: seen for path, seen in answered.items() if not seen <= {401, 405}} == {}
        assert {path: seen for path, seen in answered.items() if 401 not in seen} == {}


def test_flower_only_shows(guarded_fleet: FleetUnderTest, flower: Flower) -> None:
    """The password lets one look: it does not stop workers, revoke tasks or send any."""
    name = f"cpu-{guarded_fleet.workers[1].pid}@{socket.gethostname()}"
    acts = (
        f"/api/worker/shutdown/{name}",
        f"/api/worker/pool/restart/{name}",
        f"/api/worker/pool/grow/{name}",
        f"/api/worker/queue/cancel-consumer/{name}?queue=cpu",
        "/api/task/send-task/fleet.echo",
        "/api/task/async-apply/fleet.echo",
        "/api/task/apply/fleet.echo",
        f"/api/task/revoke/{uuid4()}?terminate=true",
        f"/api/task/abort/{uuid4()}",
    )

    assert {path: flower.ask("POST", path)[0] for path in acts} == dict.fromkeys(acts, 403)


def test_nobody_was_refused_anything(
    guarded_fleet: FleetUnderTest, flower: Flower, users: Users
) -> None:
    """In all of the above Redis had no reason to refuse a command: the rules leave nothing out."""
    assert guarded_fleet.is_quiet()
    assert flower.is_up()

    refused = users[ADMIN].execute_command("ACL", "LOG")

    assert refused == []
