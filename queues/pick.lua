-- Give the message whose turn it is to the worker that took a ticket. See queues/fair_order.py.
-- KEYS: list, ring, parked tickets, messages in hand, their index
-- ARGV: queue, delivery tag, seconds after which a slot that was not renewed is free, now
-- Gives tenant and message, or nothing.
local list, ring, parked, in_hand, index = unpack(KEYS)
local queue, tag, lapse = unpack(ARGV)
-- The clock of Redis, unless told another: those of workers differ.
local time = redis.call('TIME')
local now = tonumber(ARGV[4]) or time[1] + time[2] / 1e6

local place, somebody_waits = 0, false
local tenant = redis.call('ZRANGE', ring, place, place)[1]
while tenant do
  local lane, slots = 'riskfleet:lane:' .. list .. ':' .. tenant, 'riskfleet:in-flight:' .. tenant
  if redis.call('TYPE', lane).ok ~= 'list' then
    -- Only now that a round has passed: who comes and goes has no more turns than who stays.
    redis.call('ZREM', ring, tenant)
  else
    redis.call('ZREMRANGEBYSCORE', slots, '-inf', now - lapse)
    local most = tonumber(redis.call('HGET', 'riskfleet:max-running', tenant)
      or redis.call('HGET', 'riskfleet:max-running', '*')) or 0
    if most == 0 or redis.call('ZCARD', slots) < most then
      local message = redis.call('RPOP', lane)
      -- Clients may write to the ring: a place that no turn leads to must not become everybody's.
      local latest = redis.call(
        'ZREVRANGEBYSCORE', ring, '1e15', '0', 'WITHSCORES', 'LIMIT', 0, 1)[2] or 0
      redis.call('ZADD', ring, latest + 1, tenant)
      redis.call('ZADD', slots, now, tag)
      redis.call('EXPIRE', slots, math.ceil(lapse))
      -- As kombu keeps it, so that whoever finds this worker dead can put the message back.
      redis.call('ZADD', index, now, tag)
      redis.call('HSET', in_hand, tag, '[' .. message .. ',"","' .. queue .. '"]')
      return {tenant, message}
    end
    somebody_waits = true
    place = place + 1
  end
  tenant = redis.call('ZRANGE', ring, place, place)[1]
end
if somebody_waits then redis.call('HINCRBY', parked, list, 1) end
return false
