-- ARGV: ring again ms, most attempts, grace ms, probe ms, ms to keep the record
local ring_again, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local grace, probe = tonumber(ARGV[3]), tonumber(ARGV[4])
local now = clock()
local granted, resumed, abandoned = {}, {}, {}

local function resume(job, record)
  release_slot(job, record, now, grace)
  redis.call('ZREM', key('leases'), job)
  -- One try beyond the limit is left for the worker that says sorry; if that dies too, nobody can.
  if redis.call('HINCRBY', key('job', job), 'attempts', 1) > most + 1 then
    redis.call('HSET', key('job', job), 'state', 'done', 'outcome', 'abandoned')
    redis.call('PEXPIRE', key('job', job), ARGV[5])
    abandoned[#abandoned + 1] = job
  else
    rejoin_at_head(lanes_of(record), record.user, job)
    resumed[#resumed + 1] = job
  end
end

if now >= tonumber(redis.call('GET', key('bury_after')) or 0) then
  for _, job in ipairs(redis.call('ZRANGE', key('leases'), 0, -1)) do
    local record = record_of(job)
    if record.state ~= 'running' then
      redis.call('ZREM', key('leases'), job)
    elseif redis.call('EXISTS', key('worker', record.worker)) == 0
        or tonumber(redis.call('ZSCORE', key('leases'), job)) < now then
      resume(job, record)
    end
  end
end

for _, job in ipairs(redis.call('ZRANGEBYSCORE', key('grants'), '-inf', now - ring_again)) do
  local record = record_of(job)
  if record.state == 'granted' then
    redis.call('ZADD', key('grants'), now, job)
    granted[#granted + 1] = {job, tonumber(record.token)}
  else
    redis.call('ZREM', key('grants'), job)
  end
end

for _, lane in ipairs(redis.call('SMEMBERS', key('lanes'))) do admit(lane, now, probe, granted) end
return cjson.encode({grants = granted, resumed = resumed, abandoned = abandoned})
