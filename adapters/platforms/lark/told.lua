-- KEYS: as in hold.lua
-- ARGV: when the messages taken "alone" were due to be told again
-- Their question is safe in line; only what came meanwhile stays due.
local held, due = KEYS[1], KEYS[2]
local fields = redis.call('HGETALL', held)
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 2) == 't:' and fields[i + 1] == 'alone' then
    redis.call('HSET', held, fields[i], 'told')
  end
end
if tonumber(redis.call('ZSCORE', due, held) or 0) == tonumber(ARGV[1]) then
  redis.call('ZREM', due, held)
end
return 1
