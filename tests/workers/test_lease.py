"""What a worker holds stays its own for as long as it says so, and no longer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from queues.names import slots_key
from workers.lease import _renew_messages
from workers.resources import Resources

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Delivered:
    """A message in hand."""

    delivery_tag: str


@dataclass(frozen=True)
class Held:
    """As much of a job in a worker's hands as is looked at."""

    message: Delivered
    request_dict: dict[str, Any] = field(default_factory=dict)


def test_messages_and_slots_are_renewed_together(resources: Resources) -> None:
    """Of what is there: a message that was just finished, or has no slot, gets none by it."""
    redis = resources.redis
    redis.zadd("unacked_index", {"taken in turn": 1, "served as it is": 1})
    redis.zadd(slots_key("acme"), {"taken in turn": 1, "another worker's": 2})
    held = [
        Held(Delivered(tag), {"tenant": "acme"})
        for tag in ("taken in turn", "served as it is", "just finished")
    ]

    _renew_messages(redis, [*held, Held(Delivered("of no tenant"))], 9.0, MINUTE)  # type: ignore[list-item]

    assert redis.zrange("unacked_index", 0, -1, withscores=True) == [
        ("served as it is", 9.0),
        ("taken in turn", 9.0),
    ]
    assert redis.zrange(slots_key("acme"), 0, -1, withscores=True) == [
        ("another worker's", 2.0),
        ("taken in turn", 9.0),
    ]
    assert 0 < redis.ttl(slots_key("acme")) <= 60
    assert redis.exists(slots_key("default")) == 0
