-- Counts one call if every window has room for it; else nothing is counted.
-- KEYS: pause of the endpoint, calls of the month, then one sorted set per window
-- ARGV: unique name of the call, then per window: limit, milliseconds, milliseconds it may be on its way
-- Returns {milliseconds to wait (0: counted), calls of the month}
local POLL = 200 -- a call on its way may end at any moment
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait = math.max(0, redis.call('PTTL', KEYS[1]))
for i = 3, #KEYS do
  local limit, period = tonumber(ARGV[3 * i - 7]), tonumber(ARGV[3 * i - 6])
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now - period)
  local count = redis.call('ZCARD', KEYS[i])
  if count >= limit then
    local oldest = tonumber(redis.call('ZRANGE', KEYS[i], count - limit, count - limit, 'WITHSCORES')[2])
    wait = math.max(wait, oldest > now and POLL or oldest + period - now)
  end
end
if wait > 0 then
  return {math.ceil(wait), tonumber(redis.call('GET', KEYS[2]) or '0')}
end
for i = 3, #KEYS do
  local period, hold = tonumber(ARGV[3 * i - 6]), tonumber(ARGV[3 * i - 5])
  redis.call('ZADD', KEYS[i], now + hold, ARGV[1])
  redis.call('PEXPIRE', KEYS[i], period + hold)
end
local used = redis.call('INCR', KEYS[2])
redis.call('EXPIRE', KEYS[2], 3456000)
return {0, used}
