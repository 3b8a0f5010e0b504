"""The wish to cancel is kept for a week, whoever is up or down."""

from __future__ import annotations

from redis import Redis

from queues.cancellation import KEPT, cancellation, cancellations, request_cancellation
from queues.names import cancel_key


def test_nobody_asked(redis: Redis) -> None:
    """Without a wish there is no reason."""
    assert cancellation(redis, "job") is None


def test_the_reason_is_given_back(redis: Redis) -> None:
    """Whoever ends the job learns why."""
    request_cancellation(redis, "job", "budget spent")

    assert cancellation(redis, "job") == "budget spent"


def test_a_wish_outlives_a_weekend(redis: Redis) -> None:
    """It stays for a week, as docs/wire.md promises, and then leaves."""
    request_cancellation(redis, "job")

    assert 0 <= KEPT.total_seconds() - redis.ttl(cancel_key("job")) < 60
    assert KEPT.total_seconds() == 604800


def test_an_empty_reason_is_a_wish_too(redis: Redis) -> None:
    """A client that gives no reason still cancels."""
    redis.set(cancel_key("job"), "")

    assert cancellation(redis, "job") == ""
    assert cancellations(redis, ["job"]) == {"job": ""}


def test_only_the_wished_ones_are_given(redis: Redis) -> None:
    """Of many jobs, those that should end come with their reasons."""
    request_cancellation(redis, "a", "first")
    request_cancellation(redis, "c", "third")

    assert cancellations(redis, ["a", "b", "c"]) == {"a": "first", "c": "third"}
    assert cancellations(redis, []) == {}


def test_a_reason_that_is_not_text_cancels_all_the_same(redis: Redis) -> None:
    """Bytes from a careless client reach no reader as an error."""
    redis.set(cancel_key("job"), b"\xff stop")

    assert cancellation(redis, "job") == "\ufffd stop"
    assert cancellations(redis, ["job"]) == {"job": "\ufffd stop"}
