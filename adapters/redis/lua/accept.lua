-- ARGV: job id, reply id, lane, user, body, probe ms
local job, reply, lane, user, body, probe = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local now = clock()
if redis.call('EXISTS', key('job', job)) == 1 then
  return cjson.encode({is_new = false, token = 0, position = 0, mean = 0, total = 0, grants = {}})
end
local token = redis.call('INCR', key('fence'))
redis.call('HSET', key('job', job), 'lane', lane, 'user', user, 'body', body, 'accepted', now,
  'token', token, 'attempts', 0, 'refusals', 0)
redis.call('SET', key('reply', reply), job)
redis.call('SADD', key('lanes'), lane)
join_line(lane, user, job)
local granted = admit(lane, now, probe, {})
local position = 0
local mean, total = 0, 0
if redis.call('HGET', key('job', job), 'state') == 'waiting' then
  -- Everybody gets a turn before anybody gets a second one: of each user's line only so many stand before us.
  local depth = redis.call('LLEN', key('line', lane, user)) - 1
  local turns = redis.call('LRANGE', key('turns', lane), 0, -1)
  local passed_us = false
  position = depth + 1
  for _, other in ipairs(turns) do
    if other == user then
      passed_us = true
    else
      local length = redis.call('LLEN', key('line', lane, other))
      position = position + math.min(length, passed_us and depth or depth + 1)
    end
  end
  mean, total = pace(lane, now, probe)
end
return cjson.encode({is_new = true, token = token, position = position, mean = mean, total = total, grants = granted})
