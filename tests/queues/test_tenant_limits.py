"""What the scripts look up is what was last decided, of one tenant or of all."""

from __future__ import annotations

from redis import Redis

from queues.fair_order import send
from queues.message import TaskMessage
from queues.names import MAX_RUNNING_KEY, MAX_WAITING_KEY, Priority, slots_key
from queues.tenant_limits import Limits, Standing, change, keep, standings


def test_kept_limits_are_all_there_are(redis: Redis) -> None:
    """What holds for every tenant is under `*`; what is not limited is not there."""
    change(redis, "gone", Limits(max_running=1, max_waiting=1))

    keep(
        redis,
        {"ann": Limits(max_running=0), "bob": Limits(max_waiting=5)},
        default=Limits(max_running=3, max_waiting=0),
    )

    assert redis.hgetall(MAX_RUNNING_KEY) == {"*": "3", "ann": "0"}
    assert redis.hgetall(MAX_WAITING_KEY) == {"*": "0", "bob": "5"}


def test_changing_one_tenant_leaves_the_others(redis: Redis) -> None:
    """A limit that is None is what holds for every tenant."""
    keep(redis, {"ann": Limits(max_running=2, max_waiting=2)}, default=Limits(max_running=3))

    change(redis, "ann", Limits(max_running=4))

    assert redis.hgetall(MAX_RUNNING_KEY) == {"*": "3", "ann": "4"}
    assert redis.hgetall(MAX_WAITING_KEY) == {}


def test_a_tenant_stands_where_its_messages_are(redis: Redis) -> None:
    """What waits is counted over all lists; who was asked for is named though it has nothing."""
    for priority in Priority:
        send(
            redis,
            TaskMessage(task="fleet.echo", job_id="", queue="cpu", tenant="ann", priority=priority),
        )
    redis.zadd(slots_key("ann"), {"a tag": 1})

    assert standings(redis, ["cyd"]) == {
        "ann": Standing(running=1, waiting=3),
        "cyd": Standing(),
    }
