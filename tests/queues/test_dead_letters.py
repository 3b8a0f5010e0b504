"""What could not be read is kept with its reason, and can be sent again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from redis import Redis

from queues.dead_letters import KEPT_BYTES, DeadLetter, DeadLetters
from workers.embedded.redis import EmbeddedRedis

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def binary_redis(shared_redis: EmbeddedRedis) -> Iterator[Redis]:
    with Redis.from_url(shared_redis.url) as client:
        client.flushall()
        yield client


@pytest.fixture
def letters(binary_redis: Redis) -> DeadLetters:
    return DeadLetters(binary_redis)


def _add(letters: DeadLetters, raw: bytes, list_key: str = "cpu", detail: str = "") -> str:
    return letters.add(raw, list_key=list_key, reason="not_json", detail=detail, at=NOON)


def test_a_letter_is_given_back_as_it_came(letters: DeadLetters) -> None:
    """Everything that was known of the message is there, the time in UTC."""
    paris = timezone(timedelta(hours=1))

    letter_id = letters.add(
        b"{", list_key="cpu\x06\x163", reason="not_json", detail="é", at=NOON.astimezone(paris)
    )

    assert letters.get(letter_id) == DeadLetter(
        id=letter_id,
        reason="not_json",
        detail="é",
        list_key="cpu\x06\x163",
        at=NOON,
        size_bytes=1,
        raw=b"{",
    )


def test_any_bytes_are_kept(letters: DeadLetters) -> None:
    """A message may be binary, or nothing at all."""
    every_byte = bytes(range(256))

    kept = [letters.get(_add(letters, raw)) for raw in (every_byte, b"")]

    assert [(letter.raw, letter.is_whole) for letter in kept if letter] == [
        (every_byte, True),
        (b"", True),
    ]


@pytest.mark.parametrize(("excess", "is_whole"), [(0, True), (1, False), (1 << 20, False)])
def test_a_long_message_is_cut(letters: DeadLetters, excess: int, is_whole: bool) -> None:
    """The first 64 KiB are kept, with the true size."""
    raw = b"x" * ((64 << 10) + excess)

    letter = letters.get(_add(letters, raw))

    assert letter is not None
    assert letter.raw == raw[:KEPT_BYTES]
    assert (letter.size_bytes, letter.is_whole) == (len(raw), is_whole)


def test_a_detail_may_hold_anything(letters: DeadLetters) -> None:
    """A detail that quotes half a surrogate pair, or a novel, is no second problem."""
    letter = letters.get(_add(letters, b"?", detail="\ud800" + "x" * 5000))

    assert letter is not None
    assert letter.detail == "\\ud800" + "x" * 999


def test_replay_sends_it_where_it_came_from(letters: DeadLetters, binary_redis: Redis) -> None:
    """A whole message goes back to its list, and its letter is gone."""
    letter_id = _add(letters, b"\x00whole\xff", list_key="cpu\x06\x163")

    assert letters.replay(letter_id)

    assert binary_redis.lrange("cpu\x06\x163", 0, -1) == [b"\x00whole\xff"]
    assert letters.get(letter_id) is None


def test_a_cut_message_is_not_replayed(letters: DeadLetters, binary_redis: Redis) -> None:
    """Half a message would be another one: the letter stays, and nothing is sent."""
    letter_id = _add(letters, b"x" * (KEPT_BYTES + 1))

    assert not letters.replay(letter_id)

    assert binary_redis.exists("cpu") == 0
    assert letters.count() == 1


def test_what_is_gone_is_gone(letters: DeadLetters) -> None:
    """Neither replay nor drop finds a letter twice."""
    letter_id = _add(letters, b"?")

    assert letters.drop(letter_id)

    assert not letters.drop(letter_id)
    assert not letters.replay(letter_id)
    assert letters.get(letter_id) is None
    assert letters.count() == 0


def test_the_newest_come_first(letters: DeadLetters) -> None:
    """A list for people begins with what just happened."""
    ids = [_add(letters, str(number).encode()) for number in range(5)]

    assert [letter.id for letter in letters.newest(3)] == ids[:1:-1]
    assert letters.count() == 5
