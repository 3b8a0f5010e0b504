"""Messages that could not become jobs, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis

from queues.names import DEAD_LETTERS_KEY

KEPT_BYTES = 64 << 10
_KEPT_LETTERS = 10_000
_LETTER_ID = re.compile(r"\d{1,20}-\d{1,20}")


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message that was put aside."""

    id: str
    reason: str
    detail: str
    list_key: str
    at: datetime
    size_bytes: int
    raw: bytes
    """The first 64 KiB of the message."""

    @property
    def is_whole(self) -> bool:
        """Whether all of the message was kept, so that it can be sent again."""
        return len(self.raw) == self.size_bytes


class DeadLetters:
    """The list of messages put aside; the oldest leave when there are ten thousand.

    To read them `redis` must give bytes (`decode_responses=False`): a letter may be anything.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def add(self, raw: bytes, *, list_key: str, reason: str, detail: str, at: datetime) -> str:
        """Put a message aside and give the letter's id."""
        fields = {
            "reason": reason,
            "detail": detail[:1000].encode(errors="backslashreplace"),
            "queue": list_key,
            "at": at.astimezone(UTC).isoformat(),
            "size": len(raw),
            "raw": raw[:KEPT_BYTES],
        }
        added = self._redis.xadd(DEAD_LETTERS_KEY, fields, maxlen=_KEPT_LETTERS, approximate=True)
        return added if isinstance(added, str) else str(added.decode())

    def newest(self, limit: int = 100) -> list[DeadLetter]:
        """Give the latest letters, the newest first."""
        return [_read(*entry) for entry in self._redis.xrevrange(DEAD_LETTERS_KEY, count=limit)]

    def get(self, letter_id: str) -> DeadLetter | None:
        """Give one letter, or None."""
        if not _LETTER_ID.fullmatch(letter_id):
            return None
        entries = self._redis.xrange(DEAD_LETTERS_KEY, min=letter_id, max=letter_id)
        return _read(*entries[0]) if entries else None

    def replay(self, letter_id: str) -> bool:
        """Push the letter's message to the list it came from; False if it is gone or cut."""
        letter = self.get(letter_id)
        if letter is None or not letter.is_whole:
            return False
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.lpush(letter.list_key, letter.raw)
            pipe.xdel(DEAD_LETTERS_KEY, letter_id)
            pipe.execute()
        return True

    def drop(self, letter_id: str) -> bool:
        """Forget a letter; False if it was gone."""
        if not _LETTER_ID.fullmatch(letter_id):
            return False
        return bool(self._redis.xdel(DEAD_LETTERS_KEY, letter_id))

    def count(self) -> int:
        """Give how many letters are kept."""
        return int(self._redis.xlen(DEAD_LETTERS_KEY))


def _read(letter_id: bytes, fields: dict[bytes, bytes]) -> DeadLetter:
    return DeadLetter(
        id=letter_id.decode(),
        reason=fields[b"reason"].decode(),
        detail=fields[b"detail"].decode(),
        list_key=fields[b"queue"].decode(),
        at=datetime.fromisoformat(fields[b"at"].decode()),
        size_bytes=int(fields[b"size"]),
        raw=fields[b"raw"],
    )
