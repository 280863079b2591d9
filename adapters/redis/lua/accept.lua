-- ARGV: job id, reply id, JSON of the lanes it may take (best first), user, body, probe ms
local job, reply, user, body, probe = ARGV[1], ARGV[2], ARGV[4], ARGV[5], tonumber(ARGV[6])
local lanes = cjson.decode(ARGV[3])
local now = clock()
if redis.call('EXISTS', key('job', job)) == 1 then
  return cjson.encode({is_new = false, token = 0, position = 0, mean = 0, total = 0, grants = {}})
end
local token = redis.call('INCR', key('fence'))
redis.call('HSET', key('job', job), 'lanes', ARGV[3], 'lane', lanes[1], 'user', user, 'body', body,
  'accepted', now, 'token', token, 'attempts', 0, 'refusals', 0)
redis.call('SET', key('reply', reply), job)
for _, lane in ipairs(lanes) do redis.call('SADD', key('lanes'), lane) end
join_lines(lanes, user, job)
local granted = admit_all(lanes, now, probe, {})

-- Everybody gets a turn before anybody gets a second one: of each user's line only so many stand before us.
local function position_in(lane)
  local depth = redis.call('LLEN', key('line', lane, user)) - 1
  local turns = redis.call('LRANGE', key('turns', lane), 0, -1)
  local passed_us = false
  local position = depth + 1
  for _, other in ipairs(turns) do
    if other == user then
      passed_us = true
    else
      local length = redis.call('LLEN', key('line', lane, other))
      position = position + math.min(length, passed_us and depth or depth + 1)
    end
  end
  return position
end

local place = {position = 0, mean = 0, total = 0}
if redis.call('HGET', key('job', job), 'state') == 'waiting' then
  -- The lane whose turn comes first, counted in rounds of all its slots.
  local fewest = math.huge
  for _, lane in ipairs(lanes) do
    local position = position_in(lane)
    local mean, total = pace(lane, now, probe)
    local rounds = total > 0 and math.ceil(position / total) or position * 1000
    if rounds < fewest then
      fewest = rounds
      place = {position = position, mean = mean, total = total}
    end
  end
end
return cjson.encode({is_new = true, token = token, position = place.position, mean = place.mean,
  total = place.total, grants = granted})
