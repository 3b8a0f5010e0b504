"""An operator gives tenants limits, sees what they have, and is told when one is used up."""

from __future__ import annotations

import pytest
from redis import Redis

from queues.fair_order import enqueuing
from queues.ledger import Ledger
from queues.ledger.audit import Action, AuditTrail
from queues.names import MAX_RUNNING_KEY, MAX_WAITING_KEY
from tests.workers.cli.conftest import FleetCommand
from workers.embedded.redis import EmbeddedRedis


@pytest.fixture
def command(
    fleet_command: FleetCommand, redis_server: EmbeddedRedis, database_url: str
) -> FleetCommand:
    """`fleet` with a Redis and a Postgres of its own, and no workers."""
    services = {"REDIS_URL": redis_server.url, "DATABASE_URL": database_url}
    return FleetCommand(fleet_command.folder, services)


def test_a_tenant_is_limited_at_once(
    command: FleetCommand, redis_server: EmbeddedRedis, database_url: str
) -> None:
    """From the ledger to the next submission; a removed limit is gone as soon."""
    redis = Redis.from_url(redis_server.url, decode_responses=True)
    redis.eval(*enqueuing("a message", list_key="cpu", tenant="acme"))

    given = command("tenants", "set", "acme", "--max-waiting", "1", "--max-running", "2")
    refused = command("submit", "fleet.echo", "-", "--tenant", "acme", stdin="{}")
    [listed] = command.json("tenants", "list")
    kept = (redis.hgetall(MAX_RUNNING_KEY), redis.hgetall(MAX_WAITING_KEY))
    command("tenants", "remove", "acme")

    assert given.stdout == "acme may have in flight: 2, waiting: 1\n"
    assert (refused.returncode, refused.stderr) == (
        1,
        "fleet: tenant acme has as many jobs waiting as it may: submit again later\n",
    )
    assert listed.pop("updatedAt")
    assert listed == {
        "tenant": "acme",
        "running": 0,
        "maxRunning": 2,
        "waiting": 1,
        "maxWaiting": 1,
    }
    assert kept == ({"acme": "2"}, {"acme": "1"})
    assert redis.exists(MAX_RUNNING_KEY, MAX_WAITING_KEY) == 0
    ledger = Ledger(database_url)
    acts = AuditTrail(ledger.engine).events(action=Action.SET_TENANT)
    ledger.close()
    assert [act.detail for act in acts] == [None, {"maxRunning": 2, "maxWaiting": 1}]


def test_what_limits_nobody_is_refused(command: FleetCommand) -> None:
    """A tenant that no message can be of would be limited in vain."""
    ended = command("tenants", "set", "a b", "--max-running", "1")

    assert ended.returncode == 2
    assert ended.stderr.startswith("fleet: NAME: expected 1 to 64 letters, digits")
