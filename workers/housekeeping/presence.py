"""Which jobs have a message in Redis: waiting in a lane or list, or in the hands of a worker."""

from __future__ import annotations

from collections.abc import Iterable

from redis import Redis

from queues.names import lane_key, queue_keys, ring_key

_UNACKED = "unacked"
_CHUNK = 500

# The ids are picked out on the server: messages may be large, and there may be many. A body is
# base64 or an escaped text, so no `"id"` of a request can be mistaken for a job's.
_IDS_IN_LIST = """
local ids = {}
for _, message in ipairs(redis.call('LRANGE', KEYS[1], ARGV[1], ARGV[2])) do
  ids[#ids + 1] = string.match(message, '"id": ?"([%x-]+)"') or ''
end
return ids
"""
_IDS_IN_HASH = """
local ids = {}
for _, message in ipairs(redis.call('HVALS', KEYS[1])) do
  ids[#ids + 1] = string.match(message, '"id": ?"([%x-]+)"') or ''
end
return ids
"""


def jobs_with_a_message(redis: Redis, queues: Iterable[str]) -> set[str]:
    """Give the ids of all jobs that need no second message.

    Lanes and lists are read before the messages in hand, in the direction in which a message
    moves; one that is given back just then may be missed, and is sent twice. That does no harm.
    """
    found: set[str] = set()
    ids_in_list = redis.register_script(_IDS_IN_LIST)
    for queue in queues:
        for key in queue_keys(queue):
            lanes = [lane_key(key, tenant) for tenant in redis.zrange(ring_key(key), 0, -1)]
            for each in (*lanes, key):
                start = 0
                while ids := ids_in_list(keys=[each], args=[start, start + _CHUNK - 1]):
                    found.update(ids)
                    start += _CHUNK
    found.update(redis.register_script(_IDS_IN_HASH)(keys=[_UNACKED]))
    return found
