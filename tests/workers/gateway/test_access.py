"""Who has no valid token is not served, and nobody sees what is another tenant's."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from queues.cancellation import cancellation
from queues.ledger.tokens import AccessTokens, ShownToken
from tests.fleet import eventually
from tests.workers.gateway.conftest import RunningGateway
from workers.gateway import bearers
from workers.gateway.problem import Refused


def test_nobody_is_served_without_a_token(running: RunningGateway) -> None:
    """A request without a token is refused, with the scheme to use."""
    answer = httpx.get(f"{running.address}/v1/jobs")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (401, "unauthenticated")
    assert (problem["remedy"], problem["status"]) == ("change_request", 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("change", ["secret", "id", "form", "scheme"])
def test_a_token_that_is_none_is_refused_in_the_same_words(
    running: RunningGateway, change: str
) -> None:
    """A wrong secret, an unknown id and nonsense cannot be told apart by the answer."""
    _, token_id, secret = running.token().split("_")
    shown = {
        "secret": f"Bearer rf_{token_id}_{'0' * 64}",
        "id": f"Bearer rf_{uuid4().hex}_{secret}",
        "form": "Bearer nonsense",
        "scheme": f"Basic rf_{token_id}_{secret}",
    }[change]

    refused = httpx.get(f"{running.address}/v1/jobs", headers={"Authorization": shown})
    without = httpx.get(f"{running.address}/v1/jobs")

    assert (refused.status_code, refused.json()["detail"]) == (401, without.json()["detail"])


def test_an_expired_token_is_refused(running: RunningGateway) -> None:
    """A token ends with its time, whether or not the gateway has just seen it."""
    with running.client(running.token(lifetime=timedelta(seconds=-1))) as client:
        answer = client.get("/v1/jobs")

    assert answer.status_code == 401


def test_a_revoked_token_is_refused_within_seconds(running: RunningGateway) -> None:
    """Revoking a token that is in use ends it, although gateways remember tokens for a moment."""
    text = running.token()
    shown = ShownToken.read(text)
    assert shown is not None
    with running.client(text) as client:
        before = client.get("/v1/jobs").status_code
        AccessTokens(running.gateway.ledger.engine).revoke(shown.id)
        eventually(lambda: client.get("/v1/jobs").status_code == 401)

    assert before == 200


def test_a_token_in_use_is_looked_up_as_often(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noting that a token is used does not put off the moment at which its end is seen."""
    monkeypatch.setattr(bearers, "USE_IS_NOTED_EVERY", timedelta(seconds=-1))
    now = 0.0
    tokens = AccessTokens(running.gateway.ledger.engine)
    found = bearers.Bearers(tokens, clock=lambda: now)
    text = running.token()

    tokens.revoke(found.bearer(text).id)
    now = bearers.REMEMBERED.total_seconds() - 0.1
    remembered = found.bearer(text)
    now = bearers.REMEMBERED.total_seconds() + 0.1

    assert not found.is_still_good(remembered)
    with pytest.raises(Refused):
        found.bearer(text)


def test_use_is_noted(running: RunningGateway) -> None:
    """A token's last use is kept, so that one that nobody needs can be found."""
    text = running.token(tenant="noted")
    with running.client(text) as client:
        client.get("/v1/jobs")

    [token] = AccessTokens(running.gateway.ledger.engine).listed(tenant="noted")
    assert token.last_used_at is not None


def test_another_tenants_job_is_not_there(running: RunningGateway, client: httpx.Client) -> None:
    """Whatever a tenant does with another's job, it is told what it is told of no job at all."""
    job = client.post("/v1/tasks/fleet.echo/jobs", json={"sleepSeconds": 1}).json()["id"]
    asked = [
        ("GET", ""),
        ("GET", "/result"),
        ("GET", "/events"),
        ("GET", "/artifacts"),
        ("POST", "/cancel"),
    ]
    nothing = str(uuid4())

    with running.client(tenant="other") as stranger:
        answers = {
            id_: [stranger.request(method, f"/v1/jobs/{id_}{path}") for method, path in asked]
            for id_ in (job, nothing)
        }
        listed = stranger.get("/v1/jobs").json()["jobs"]

    def told(id_: str) -> list[tuple[int, str]]:
        return [
            (each.status_code, each.json()["detail"].replace(id_, "?")) for each in answers[id_]
        ]

    assert told(job) == told(nothing) == [(404, "there is no job ?")] * len(asked)
    assert listed == []
    assert cancellation(running.gateway.redis, job) is None


def test_one_key_of_two_tenants_is_two_jobs(running: RunningGateway, client: httpx.Client) -> None:
    """A tenant that guesses another's key neither learns of its job nor gets in its way."""
    keyed = {"Idempotency-Key": "the quarterly run"}
    with running.client(tenant="other") as stranger:
        answers = [
            each.post("/v1/tasks/fleet.echo/jobs", json={"message": text}, headers=keyed)
            for each, text in ((client, "ours"), (stranger, "theirs"))
        ]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({UUID(answer.json()["id"]) for answer in answers}) == 2


def test_a_shard_is_not_a_job(running: RunningGateway, client: httpx.Client) -> None:
    """What a job was cut into is the fleet's own business."""
    whole = client.post("/v1/tasks/fleet.echo/jobs", json={}).json()["id"]
    shard = uuid4()
    with running.gateway.ledger.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO riskfleet.job SELECT (jsonb_populate_record(job, jsonb_build_object("
            "'id', %(shard)s::text, 'parent_id', id))).* FROM riskfleet.job WHERE id = %(id)s",
            {"shard": str(shard), "id": whole},
        )

    assert client.get(f"/v1/jobs/{shard}").status_code == 404
    assert client.get(f"/v1/jobs/{whole}").status_code == 200


def test_health_and_the_document_are_for_everybody(running: RunningGateway) -> None:
    """A load balancer and a generator of clients need no token."""
    paths = ("/health", "/health/ready", "/openapi.json")

    assert [httpx.get(running.address + path).status_code for path in paths] == [200] * 3
