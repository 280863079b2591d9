-- One method's calls in one workspace, counted in a sliding window that all workers share.
-- Slack counts per method, workspace and app (Slack docs, rate limits); a window never lets more through than
-- that, where a bucket that refills would let nearly twice as much through at its turn.
-- KEYS: calls (zset id -> ms), held (zset holder -> ms until), blocked, turns (zset holder -> ms), sharers (zset)
-- ARGV: operation, call id, holder, most calls, window ms, reserve, hold ms, least gap ms, most shared calls, most holds
--       flight ms: a call counts as of its landing, and so long at most if nobody tells of that
-- Returns {1, 0}, or {0, ms to wait}.
local operation, id, holder = ARGV[1], ARGV[2], ARGV[3]
local most, window, reserve = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local hold, gap, shared = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)

if operation == 'landed' then
  redis.call('ZADD', KEYS[1], 'XX', now, id)
  return {1, 0}
end
if operation == 'release' then
  redis.call('ZREM', KEYS[2], holder)
  return {1, 0}
end
local blocked = redis.call('PTTL', KEYS[3])
if blocked > 0 then return {0, blocked} end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)

local function count()
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[11]), id)
  redis.call('PEXPIRE', KEYS[1], 2 * window + tonumber(ARGV[11]))
  return {1, 0}
end

if operation == 'spend' and redis.call('ZREM', KEYS[2], holder) == 1 then return count() end
if operation == 'spend' then reserve = 0 end
if operation == 'hold' and redis.call('ZSCORE', KEYS[2], holder) then return {1, 0} end

if operation == 'hold' and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[10]) then return {0, window} end

if operation == 'take' and gap > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - 10 * window)
  local turn = math.max(gap, math.floor(window * redis.call('ZCARD', KEYS[5]) / shared))
  local last = tonumber(redis.call('ZSCORE', KEYS[4], holder) or 0)
  if last + turn > now then return {0, last + turn - now} end
end

local used = redis.call('ZCARD', KEYS[1]) + redis.call('ZCARD', KEYS[2])
if used >= most - reserve then
  -- As many of the oldest calls must leave the window as stand in the way.
  local last = redis.call('ZRANGE', KEYS[1], used - most + reserve, used - most + reserve, 'WITHSCORES')
  return {0, last[2] and math.max(1, math.min(tonumber(last[2]), now) + window - now) or window}
end
if operation == 'hold' then
  redis.call('ZADD', KEYS[2], now + hold, holder)
  redis.call('PEXPIRE', KEYS[2], hold)
  return {1, 0}
end
if gap > 0 then
  redis.call('ZADD', KEYS[4], now, holder)
  redis.call('PEXPIRE', KEYS[4], 10 * window)
end
return count()
