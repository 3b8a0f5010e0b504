// Generated from clients/contract and queues/submit.lua by `npm run generate`.

/** Sends a job once; see docs/wire.md, "The careful way". */
export const SUBMIT_SCRIPT = `-- Send a job once. See docs/wire.md, "The careful way".
-- KEYS: submission hash, submitted set, queue list, event stream
-- ARGV: job id, request hash, message, accepted event
local week, day = 604800, 86400

local known = redis.call('HGET', KEYS[1], 'request_hash')
if known then
  if known == ARGV[2] then return 'known' end
  return 'conflict'
end

local now = redis.call('TIME')
redis.call('HSET', KEYS[1], 'request_hash', ARGV[2], 'queue', KEYS[3], 'message', ARGV[3])
redis.call('EXPIRE', KEYS[1], week)
redis.call('ZADD', KEYS[2], now[1] * 1000 + math.floor(now[2] / 1000), ARGV[1])
redis.call('XADD', KEYS[4], '*', 'event', ARGV[4])
redis.call('EXPIRE', KEYS[4], day)
redis.call('LPUSH', KEYS[3], ARGV[3])
return 'created'
`;
