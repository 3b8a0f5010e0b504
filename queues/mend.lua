-- Make the tickets of a list as many as the messages in its lanes. See queues/fair_order.py.
-- KEYS: list, ring, parked tickets
-- ARGV: seconds after which a slot that was not renewed is free, now
-- Gives how many tickets were missing, and how many were parked though there was room.
local list, ring, parked_tickets = unpack(KEYS)
local time = redis.call('TIME')
local now = tonumber(ARGV[2]) or time[1] + time[2] / 1e6

local waiting, room = 0, 0
for _, tenant in ipairs(redis.call('ZRANGE', ring, 0, -1)) do
  local length = redis.call('LLEN', 'riskfleet:lane:' .. list .. ':' .. tenant)
  local slots = 'riskfleet:in-flight:' .. tenant
  local most = tonumber(redis.call('HGET', 'riskfleet:max-running', tenant)
    or redis.call('HGET', 'riskfleet:max-running', '*')) or 0
  redis.call('ZREMRANGEBYSCORE', slots, '-inf', now - ARGV[1])
  local free = most == 0 and length or most - redis.call('ZCARD', slots)
  waiting = waiting + length
  room = room + math.max(0, math.min(length, free))
end

local parked = tonumber(redis.call('HGET', parked_tickets, list) or 0)
local tickets = #redis.call('LPOS', list, 'ticket', 'COUNT', 0)
local surplus = tickets + parked - waiting
if surplus > 0 then
  local dropped = math.min(parked, surplus)
  parked = parked - dropped
  if surplus > dropped then tickets = tickets - redis.call('LREM', list, surplus - dropped, 'ticket') end
end
local missing = math.max(0, -surplus)
local unparked = math.min(parked, math.max(0, room - tickets - missing))
for _ = 1, missing + unparked do redis.call('RPUSH', list, 'ticket') end
if parked > unparked then
  redis.call('HSET', parked_tickets, list, parked - unparked)
else
  redis.call('HDEL', parked_tickets, list)
end
return {missing, unparked}
