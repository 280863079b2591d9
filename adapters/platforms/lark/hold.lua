-- KEYS: what is held back in one chat, all such chats by the time they are due
-- ARGV: message id, message, now, due, life (all times in ms)
local held, due = KEYS[1], KEYS[2]
-- The field stays when its message has been asked about, so that a repeated event is recognised.
if redis.call('HSETNX', held, 'm:' .. ARGV[1], ARGV[3] .. ' ' .. ARGV[2]) == 0 then
  return 0
end
redis.call('PEXPIRE', held, ARGV[5])
redis.call('ZADD', due, ARGV[4], held)
return 1
