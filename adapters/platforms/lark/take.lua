-- KEYS: as in hold.lua
-- ARGV: who takes (a message id, or "alone"), the time since when held messages still belong to later words,
-- the time before which they are forgotten
-- Taking is idempotent: the same taker gets the same messages again.
local held, due = KEYS[1], KEYS[2]
local fields = redis.call('HGETALL', held)
local taker, found = {}, {}
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 2) == 't:' then
    taker[string.sub(fields[i], 3)] = fields[i + 1]
  end
end
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 2) == 'm:' then
    local id = string.sub(fields[i], 3)
    local space = string.find(fields[i + 1], ' ', 1, true)
    local at = tonumber(string.sub(fields[i + 1], 1, space - 1))
    local is_old = at < tonumber(ARGV[3])
    if is_old then
      redis.call('HDEL', held, 'm:' .. id, 't:' .. id)
    end
    local is_free = taker[id] == nil and not is_old
    -- An answer about them alone may still be under way; words that come meanwhile are about them too.
    local is_fresh = ARGV[1] ~= 'alone' and (taker[id] == 'alone' or taker[id] == 'told') and at >= tonumber(ARGV[2])
    if is_free then
      redis.call('HSET', held, 't:' .. id, ARGV[1])
    end
    if is_free or taker[id] == ARGV[1] or is_fresh then
      found[#found + 1] = fields[i + 1]
    end
  end
end
if ARGV[1] ~= 'alone' then
  redis.call('ZREM', due, held)
end
return found
