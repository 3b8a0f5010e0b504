"""Which jobs have a message in Redis: waiting in a lane or list, or in the hands of a worker."""

from __future__ import annotations

from collections.abc import Iterable

from redis import Redis

from queues.names import UNACKED_KEY, lane_key, queue_keys, ring_key

_MOST_AT_ONCE = 500
_BYTES_AT_ONCE = 1 << 20
"""Redis does nothing else while a script copies messages: this is a few milliseconds."""

# The ids are picked out on the server: messages may be large, and there may be many. A body is
# base64 or an escaped text, so neither `"headers"` nor an `"id"` behind it can be a request's. To
# look for a plain text first is four times as fast in a large message as the pattern alone.
_ID_OF = """
local function id_of(message)
  local headers = string.find(message, '"headers"', 1, true)
  return headers and string.match(message, '"id": ?"([%x-]+)"', headers) or ''
end
"""
_IDS = f"""
{_ID_OF}
local ids, bytes = {{}}, 0
for _, message in ipairs(redis.call('LRANGE', KEYS[1], ARGV[1], ARGV[2])) do
  ids[#ids + 1] = id_of(message)
  bytes = bytes + #message
end
return {{bytes, ids}}
"""
_ID_IN_HAND = f"""
{_ID_OF}
local message = redis.call('HGET', KEYS[1], ARGV[1])
return message and id_of(message) or ''
"""


def jobs_with_a_message(redis: Redis, queues: Iterable[str]) -> set[str]:
    """Give the ids of all jobs that need no second message.

    Lanes and lists are read before the messages in hand, in the direction in which a message
    moves; one that is given back just then may be missed, and is sent twice. That does no harm.
    """
    found: set[str] = set()
    for queue in queues:
        for key in queue_keys(queue):
            lanes = [lane_key(key, tenant) for tenant in redis.zrange(ring_key(key), 0, -1)]
            for each in (*lanes, key):
                found |= _ids_in_list(redis, each)
    return found | _ids_in_hand(redis)


def _ids_in_list(redis: Redis, key: str) -> set[str]:
    found: set[str] = set()
    ids_at = redis.register_script(_IDS)
    start, step = 0, 1
    while True:
        size_bytes, ids = ids_at(keys=[key], args=[start, start + step - 1])
        if not ids:
            return found
        found.update(ids)
        start += step
        step = min(step * 2, _MOST_AT_ONCE) if size_bytes < _BYTES_AT_ONCE // 2 else step // 2 or 1


def _ids_in_hand(redis: Redis) -> set[str]:
    found: set[str] = set()
    id_in_hand = redis.register_script(_ID_IN_HAND)
    tags = redis.hkeys(UNACKED_KEY)
    for start in range(0, len(tags), _MOST_AT_ONCE):
        with redis.pipeline(transaction=False) as pipe:
            for tag in tags[start : start + _MOST_AT_ONCE]:
                id_in_hand(keys=[UNACKED_KEY], args=[tag], client=pipe)
            found.update(pipe.execute())
    return found
