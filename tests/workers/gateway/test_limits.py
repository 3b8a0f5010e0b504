"""How much and how slowly a client may ask, and what it hears when a service is away."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import psycopg
import pytest

from queues import tenant_limits
from queues.tenant_limits import Limits
from tests.fleet import FleetUnderTest, eventually
from tests.workers.gateway.conftest import RunningGateway, free_port, serving
from workers.gateway import request_body, server
from workers.gateway.rate_limit import RateLimit

ECHO = "/v1/tasks/fleet.echo/jobs"


def test_a_bucket_fills_at_its_rate() -> None:
    """Who was quiet may ask a burst at once, then at the steady rate; others are not concerned."""
    now = 0.0
    limit = RateLimit(per_second=2, burst=3, clock=lambda: now)

    at_once = [limit.wait_for("a") for _ in range(5)]
    other = limit.wait_for("b")
    now = 0.5
    later = [limit.wait_for("a"), limit.wait_for("a")]
    now = 100
    rested = [limit.wait_for("a") for _ in range(4)]

    assert at_once == [0, 0, 0, 0.5, 0.5]
    assert other == 0
    assert later == [0, 0.5]
    assert rested == [0, 0, 0, 0.5]


def test_a_quiet_bearer_is_forgotten() -> None:
    """The memory of who asks is bounded, and who was forgotten has lost nothing."""
    now = 0.0
    limit = RateLimit(per_second=1, burst=1, clock=lambda: now)
    for who in range(10_000):
        limit.wait_for(who)
    now = 0.5
    limit.wait_for("hasty")
    now = 1
    first, second = limit.wait_for("new"), limit.wait_for("hasty")

    assert (first, second) == (0, 0.5)


@pytest.fixture
def idle(fleet: FleetUnderTest) -> Iterator[RunningGateway]:
    """A gateway before a fleet that runs nothing."""
    with serving(fleet) as running:
        yield running


def test_a_token_that_asks_too_often_waits(fleet: FleetUnderTest) -> None:
    """After its burst a token is told when to ask again, and another token is served."""
    with serving(fleet, requests_per_second=0.01, request_burst=2) as running:
        with running.client() as client:
            answers = [client.get("/v1/tasks") for _ in range(3)]
        with running.client() as other:
            served = other.get("/v1/tasks")

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[2].json()["code"], answers[2].json()["remedy"]) == ("rate_limited", "wait")
    assert 0 < int(answers[2].headers["Retry-After"]) <= 100
    assert served.status_code == 200


def test_a_tenant_over_its_quota_waits(idle: RunningGateway) -> None:
    """The fleet's own limit of waiting jobs is told as such, and nothing is recorded."""
    tenant_limits.change(idle.gateway.redis, "acme", Limits(max_waiting=1, max_running=None))
    with idle.client() as client:
        answers = [client.post(ECHO, json={}) for _ in range(2)]
        jobs = client.get("/v1/jobs").json()["jobs"]

    assert [answer.status_code for answer in answers] == [202, 429]
    assert answers[1].json()["code"] == "quota_exceeded"
    assert int(answers[1].headers["Retry-After"]) > 0
    assert len(jobs) == len(idle.gateway.audit.events(tenant="acme", limit=9)) / 2 == 1


def test_so_many_requests_are_served_at_once(fleet: FleetUnderTest) -> None:
    """One request too many is told to come back, whoever sends it."""
    with serving(fleet, max_requests=1) as running, running.client() as client:
        job = client.post(ECHO, json={}).headers["Location"]
        # A request counts until a moment after its answer.
        stream = eventually(lambda: _held(client, f"{job}/events"))
        refused = httpx.get(f"{running.address}/health")
        stream.close()
        eventually(lambda: httpx.get(f"{running.address}/health").status_code == 200)

    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert int(refused.headers["Retry-After"]) > 0


def _held(client: httpx.Client, path: str) -> httpx.Response | None:
    """Open a stream and leave it open; none if it was refused."""
    stream = client.send(client.build_request("GET", path), stream=True)
    if stream.status_code == 200:
        return stream
    stream.close()
    return None


def test_a_body_that_does_not_come_is_not_waited_for(
    idle: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that sends half a body and stops is told so, and let go of."""
    monkeypatch.setattr(request_body, "PATIENCE", timedelta(seconds=0.2))
    token = idle.token()
    head = (
        f"POST {ECHO} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )

    with socket.create_connection(("127.0.0.1", idle.gateway.settings.port)) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "too_slow"


@pytest.mark.parametrize(
    ("sent", "before"), [(b"", False), (b"GET /health HT", False), (b"GET /health HT", True)]
)
def test_a_head_that_does_not_come_is_not_waited_for(
    idle: RunningGateway, monkeypatch: pytest.MonkeyPatch, sent: bytes, before: bool
) -> None:
    """A connection that says nothing, or stops in the middle of a head, is closed."""
    monkeypatch.setattr(server, "HEAD_PATIENCE", timedelta(seconds=0.2))

    with socket.create_connection(("127.0.0.1", idle.gateway.settings.port), 20) as connection:
        if before:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        connection.sendall(sent)
        rest = b"".join(iter(lambda: connection.recv(4096), b""))

    assert b"HTTP" not in rest


@pytest.mark.parametrize("then", [b"x", b"x" * 100], ids=["a little", "all of it"])
def test_a_body_that_nobody_reads_keeps_no_connection(
    idle: RunningGateway, monkeypatch: pytest.MonkeyPatch, then: bytes
) -> None:
    """Who was refused without a look at its body, and sends on, is let go of."""
    monkeypatch.setattr(server, "HEAD_PATIENCE", timedelta(seconds=0.2))
    head = f"POST {ECHO} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"

    with socket.create_connection(("127.0.0.1", idle.gateway.settings.port), 20) as connection:
        connection.sendall(head.encode())
        refused = connection.recv(4096)
        connection.sendall(then)
        rest = b"".join(iter(lambda: connection.recv(4096), b""))

    assert refused.startswith(b"HTTP/1.1 401 ")
    assert b"HTTP" not in rest


def test_an_answer_that_is_not_taken_keeps_no_connection(
    gateway_fleet: FleetUnderTest, running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for much and takes nothing of it is let go of; who takes it slowly gets it all."""
    monkeypatch.setattr(server, "HEAD_PATIENCE", timedelta(seconds=0.3))
    with running.client() as client:
        job = client.post(ECHO, json={"message": "much"}).headers["Location"]
        eventually(lambda: client.get(f"{job}/result").status_code == 200)
    much = json.dumps("m" * (16 << 20))
    with psycopg.connect(gateway_fleet.database_url) as connection:
        connection.execute(
            "UPDATE riskfleet.job SET result = %s WHERE id = %s", [much, job.rpartition("/")[2]]
        )
    connections = running.server.server_state.connections

    with _asking(running, f"{job}/result") as slow:
        taken = 0
        while part := slow.recv(256 << 10):
            taken += len(part)
            time.sleep(0.02)
    with _asking(running, f"{job}/result"):
        eventually(lambda: connections)
        eventually(lambda: not connections)

    assert taken > len(much)


def _asking(running: RunningGateway, path: str) -> socket.socket:
    """Ask for something, and take nothing yet."""
    asking = socket.socket()
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
    asking.connect(("127.0.0.1", running.gateway.settings.port))
    asking.settimeout(20)
    asking.sendall(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Authorization: Bearer {running.token()}\r\n\r\n".encode()
    )
    return asking


def test_a_body_has_one_length(idle: RunningGateway) -> None:
    """With two a proxy could see another request where we see this one's body: neither is served.

    So a request that was hidden in a body is not either.
    """
    both = (
        f"POST {ECHO} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2\r\n{}\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    )

    with socket.create_connection(("127.0.0.1", idle.gateway.settings.port), 20) as connection:
        connection.sendall(both.encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_without_redis_a_client_waits(fleet: FleetUnderTest, idle: RunningGateway) -> None:
    """What needs Redis is refused for now; what the ledger knows is still told."""
    with idle.client() as client:
        job = client.post(ECHO, json={}).headers["Location"]
        fleet.redis_server.stop()
        submitted = client.post(ECHO, json={}, headers={"Idempotency-Key": "again"})
        read = client.get(job)
        cancelled = client.post(f"{job}/cancel")
        followed = client.get(f"{job}/events")
        ready = client.get("/health/ready")
        fleet.redis_server.start()
        again = eventually(
            lambda: (
                (
                    answer := client.post(ECHO, json={}, headers={"Idempotency-Key": "again"})
                ).is_success
                and answer
            )
        )

    assert [each.status_code for each in (submitted, cancelled, followed)] == [503] * 3
    assert (submitted.json()["code"], submitted.json()["remedy"]) == ("unavailable", "wait")
    assert int(submitted.headers["Retry-After"]) > 0
    assert "Connection" not in submitted.json()["detail"]
    assert (read.status_code, read.json()["state"]) == (200, "accepted")
    assert (ready.status_code, ready.json()["redis"], ready.json()["postgres"]) == (
        503,
        "away",
        "up",
    )
    assert again.status_code == 202


def test_without_postgres_a_client_waits(fleet: FleetUnderTest) -> None:
    """Nobody is let in unchecked: without the ledger the answer is to wait."""
    with serving(fleet) as with_postgres:
        token = with_postgres.token()
    fleet.database_url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"

    with serving(fleet) as running, running.client(token) as client:
        answer = client.post(ECHO, json={})
        ready = client.get("/health/ready")
        live = client.get("/health")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert (ready.status_code, ready.json()["postgres"]) == (503, "away")
    assert live.status_code == 200


def test_a_fault_of_ours_shows_nothing(
    idle: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw is a problem with an id to ask about, and no traceback."""
    monkeypatch.setattr(type(idle.gateway.ledger), "get", _broken)
    with idle.client() as client:
        answer = client.get("/v1/jobs/6ba7b812-9dad-11d1-80b4-00c04fd430c8")

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["remedy"]) == (500, "internal", "call_us")
    assert problem["requestId"] == answer.headers["X-Request-Id"]
    assert "secret" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def _broken(*_: object) -> None:
    raise ZeroDivisionError("a secret of ours")
