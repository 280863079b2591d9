-- Keeps a reply's state while it is claimed; holds the claim longer, or ends it.
-- KEYS: the reply's record
-- ARGV: claim's name, fence, state, milliseconds to hold (0: end), sequences wanted, revision (-1: unchanged), final
-- Returns {"saved" | "lost", first sequence}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'claim', 'fence')
if kept[1] ~= ARGV[1] then
  return {'lost', 0}
end
-- What was done is kept even when a higher fence waits: it must know of it.
redis.call('HSET', KEYS[1], 'state', ARGV[3])
local is_ours = tonumber(kept[2]) == tonumber(ARGV[2])
if ARGV[4] == '0' then
  redis.call('HSET', KEYS[1], 'claim', '')
elseif is_ours then
  redis.call('HSET', KEYS[1], 'claimed_until', now + tonumber(ARGV[4]))
end
if is_ours and tonumber(ARGV[6]) >= 0 then
  redis.call('HSET', KEYS[1], 'revision', ARGV[6], 'final', ARGV[7])
end
if not is_ours and ARGV[4] ~= '0' then
  return {'lost', 0}
end
local last = redis.call('HINCRBY', KEYS[1], 'sequence', ARGV[5])
return {'saved', last - tonumber(ARGV[5]) + 1}
