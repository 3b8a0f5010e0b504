-- Put a message into its tenant's lane, and a ticket for it on the list. See queues/fair_order.py.
-- KEYS: list, lane, ring
-- ARGV: message, tenant, 'first' or 'last' of its lane
local list, lane, ring = unpack(KEYS)
local message, tenant, place = unpack(ARGV)

-- Messages are taken from the right.
local push = place == 'first' and 'RPUSH' or 'LPUSH'
redis.call(push, lane, message)
if not redis.call('ZSCORE', ring, tenant) then
  -- Who is new in the ring goes next, behind others that are new: below zero nobody had a turn yet.
  local newest = redis.call('ZREVRANGEBYSCORE', ring, '(0', '-inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
  redis.call('ZADD', ring, (newest or -1e9) + 1, tenant)
end
redis.call(push, list, 'ticket')
