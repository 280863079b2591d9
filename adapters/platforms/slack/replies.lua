-- One reply's record, guarded: a lower fence writes nothing, and one writer of a fence at a time.
-- KEYS: record (hash: fence, revision, final, owner, until, record)
-- ARGV: operation, fence, revision, final ("0"/"1"), owner, claim ms, record, ttl seconds
local operation, fence, revision, final = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local owner, key = ARGV[5], KEYS[1]
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
local held = redis.call('HMGET', key, 'fence', 'revision', 'final', 'owner', 'until', 'record')
local held_fence = tonumber(held[1] or -1)

if held_fence > fence then return {'lost', ''} end
if operation == 'begin' then
  if held_fence == fence then
    local r, l = tonumber(held[2] or -1), tonumber(held[3] or 0)
    if l > final or r > revision or (r == revision and l >= final) then return {'late', r} end
    if held[4] and held[4] ~= owner and tonumber(held[5] or 0) > now then return {'busy', ''} end
  else
    redis.call('HSET', key, 'fence', fence, 'revision', -1, 'final', 0)
  end
  redis.call('HSET', key, 'owner', owner, 'until', now + tonumber(ARGV[6]))
  redis.call('EXPIRE', key, ARGV[8])
  return {'ok', held[6] or ''}
end

if held_fence ~= fence or (held[4] and held[4] ~= owner) then return {'lost', ''} end
if operation == 'leave' then
  redis.call('HDEL', key, 'owner', 'until')
  return {'ok', ''}
end
redis.call('HSET', key, 'record', ARGV[7])
if operation == 'finish' then
  redis.call('HSET', key, 'revision', revision, 'final', final)
  redis.call('HDEL', key, 'owner', 'until')
end
redis.call('EXPIRE', key, ARGV[8])
return {'ok', ''}
