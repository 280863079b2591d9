-- Stores one message's state unless something newer is there, and tells everybody who looks on.
-- KEYS: states (hash), marks (hash), order (list)
-- ARGV: id, fence, revision, final ("0"/"1"), state, ttl seconds, most messages, channel
-- Returns {"written" | "late" | "lost", stored revision}.
local id, fence, revision, final = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local mark = redis.call('HGET', KEYS[2], id)
if mark then
  local f, r, l = string.match(mark, '^(%-?%d+) (%-?%d+) (%d)$')
  f, r, l = tonumber(f), tonumber(r), tonumber(l)
  if f > fence then
    return {'lost', r}
  end
  if f == fence and (r > revision or l > final) then
    return {'late', r}
  end
else
  redis.call('RPUSH', KEYS[3], id)
  while redis.call('LLEN', KEYS[3]) > tonumber(ARGV[7]) do
    local oldest = redis.call('LPOP', KEYS[3])
    redis.call('HDEL', KEYS[1], oldest)
    redis.call('HDEL', KEYS[2], oldest)
  end
end
redis.call('HSET', KEYS[1], id, ARGV[5])
redis.call('HSET', KEYS[2], id, ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
for _, key in ipairs(KEYS) do
  redis.call('EXPIRE', key, ARGV[6])
end
redis.call('PUBLISH', ARGV[8], id .. '\n' .. ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4] .. '\n' .. ARGV[5])
return {'written', revision}
