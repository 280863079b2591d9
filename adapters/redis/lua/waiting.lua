-- ARGV: probe ms, most jobs per lane. Answers every lane's jobs in the order of service.
local probe, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = clock()
local lanes = {}
for _, lane in ipairs(redis.call('SMEMBERS', key('lanes'))) do
  local users = redis.call('LRANGE', key('turns', lane), 0, -1)
  local lines, order = {}, {}
  for _, user in ipairs(users) do lines[#lines + 1] = redis.call('LRANGE', key('line', lane, user), 0, most - 1) end
  local depth = 1
  local found = #lines > 0
  while found and #order < most do
    found = false
    for _, line in ipairs(lines) do
      if line[depth] then
        found = true
        order[#order + 1] = line[depth]
      end
    end
    depth = depth + 1
  end
  if #order > 0 then
    local mean, total = pace(lane, now, probe)
    lanes[#lanes + 1] = {jobs = order, mean = mean, total = total}
  end
end
return cjson.encode({lanes = lanes})
