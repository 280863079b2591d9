-- Counts one call if every window has room for it; else nothing is counted.
-- KEYS: pause of the endpoint, calls of the month, then one sorted set per window
-- ARGV: unique name of the call, then per window: limit, milliseconds
-- Returns {milliseconds to wait (0: counted), calls of the month}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait = math.max(0, redis.call('PTTL', KEYS[1]))
for i = 3, #KEYS do
  local limit, period = tonumber(ARGV[2 * i - 4]), tonumber(ARGV[2 * i - 3])
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now - period)
  local count = redis.call('ZCARD', KEYS[i])
  if count >= limit then
    local oldest = redis.call('ZRANGE', KEYS[i], count - limit, count - limit, 'WITHSCORES')
    wait = math.max(wait, oldest[2] + period - now)
  end
end
if wait > 0 then
  return {math.ceil(wait), tonumber(redis.call('GET', KEYS[2]) or '0')}
end
for i = 3, #KEYS do
  redis.call('ZADD', KEYS[i], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[i], ARGV[2 * i - 3])
end
local used = redis.call('INCR', KEYS[2])
redis.call('EXPIRE', KEYS[2], 3456000)
return {0, used}
