-- KEYS: all chats that hold something back, by the time they are due
-- ARGV: now, when to try again if whoever asks now dies over it
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 20)
for _, held in ipairs(found) do
  redis.call('ZADD', KEYS[1], ARGV[2], held)
end
return found
