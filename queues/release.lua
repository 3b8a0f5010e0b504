-- Free the slot of a message that has left its worker's hands. See queues/fair_order.py.
-- KEYS: slots of the tenant, parked tickets
-- ARGV: delivery tag, tenant
local slots, parked = unpack(KEYS)
local tag, tenant = unpack(ARGV)

if redis.call('ZREM', slots, tag) == 0 then return end
local lists = redis.call('HKEYS', parked)
for _, list in ipairs(lists) do
  if redis.call('EXISTS', 'riskfleet:lane:' .. list .. ':' .. tenant) == 1 then
    redis.call('RPUSH', list, 'ticket')
    if redis.call('HINCRBY', parked, list, -1) < 1 then redis.call('HDEL', parked, list) end
  end
end
