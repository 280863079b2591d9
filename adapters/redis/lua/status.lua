-- ARGV: probe ms
local now = clock()
local lanes = {}
for _, lane in ipairs(redis.call('SMEMBERS', key('lanes'))) do
  local waiting = 0
  for _, user in ipairs(redis.call('LRANGE', key('turns', lane), 0, -1)) do
    -- A job that waits in several lanes is counted in the one it would like best.
    for _, job in ipairs(redis.call('LRANGE', key('line', lane, user), 0, -1)) do
      local lanes = redis.call('HGET', key('job', job), 'lanes')
      if not lanes or cjson.decode(lanes)[1] == lane then waiting = waiting + 1 end
    end
  end
  local slots = {}
  local limits = redis.call('HGETALL', key('limits', lane))
  for i = 1, #limits, 2 do
    local account, limit = limits[i], tonumber(limits[i + 1])
    slots[#slots + 1] = {account, redis.call('ZCARD', key('slots', lane, account)), limit,
      effective_limit(lane, account, limit, now, tonumber(ARGV[1]))}
  end
  local paused = math.max(0, tonumber(redis.call('GET', key('paused', lane)) or 0) - now)
  lanes[#lanes + 1] = {lane = lane, waiting = waiting, paused = paused, slots = slots}
end
return cjson.encode({lanes = lanes})
