// Generated from clients/contract and queues/submit.lua by `npm run generate`.

/** Sends a job once; see docs/wire.md, "The careful way". */
export const SUBMIT_SCRIPT = `-- Send a job once, unless its tenant has too many waiting. See docs/wire.md, "The careful way".
-- KEYS: submission hash, submitted set, queue list, event stream, lane, ring
-- ARGV: job id, request hash, message, accepted event, tenant, 'now' or 'later'
local submission, submitted, list, events, lane, ring = unpack(KEYS)
local job_id, request_hash, message, accepted, tenant, when = unpack(ARGV)
local week, day = 604800, 86400

local known = redis.call('HGET', submission, 'request_hash')
if known then
  if known == request_hash then return 'known' end
  return 'conflict'
end

local most = tonumber(redis.call('HGET', 'riskfleet:max-waiting', tenant)
  or redis.call('HGET', 'riskfleet:max-waiting', '*') or 0)
if most > 0 then
  local step, waiting = string.char(6, 22), 0
  for _, queue in ipairs({'cpu', 'gpu', 'etl', 'security'}) do
    for _, priority in ipairs({'', step .. '3', step .. '6', step .. '9'}) do
      waiting = waiting + redis.call('LLEN', 'riskfleet:lane:' .. queue .. priority .. ':' .. tenant)
    end
  end
  if waiting >= most then return 'quota' end
end

local now = redis.call('TIME')
redis.call('HSET', submission, 'request_hash', request_hash, 'queue', list, 'message', message)
redis.call('EXPIRE', submission, week)
redis.call('ZADD', submitted, now[1] * 1000 + math.floor(now[2] / 1000), job_id)
redis.call('XADD', events, '*', 'event', accepted)
redis.call('EXPIRE', events, day)
if when == 'later' then
  -- A worker takes it at once and holds it until then.
  redis.call('LPUSH', list, message)
  return 'created'
end
-- From here on as in enqueue.lua.
redis.call('LPUSH', lane, message)
if not redis.call('ZSCORE', ring, tenant) then
  local newest = redis.call('ZREVRANGEBYSCORE', ring, '(0', '-inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
  redis.call('ZADD', ring, (newest or -1e9) + 1, tenant)
end
redis.call('LPUSH', list, 'ticket')
return 'created'
`;
