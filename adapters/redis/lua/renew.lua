-- ARGV: worker, liveness ms, lease ms, outage ms, grace ms, then job id and token by turns.
local worker, liveness, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local outage, grace = tonumber(ARGV[4]), tonumber(ARGV[5])
local now = clock()
-- When nobody has renewed for a while Redis itself was away: let the living speak before anybody is buried.
local last = tonumber(redis.call('GET', key('pulse')) or 0)
if now - last > outage then redis.call('SET', key('bury_after'), now + grace) end
redis.call('SET', key('pulse'), now)
redis.call('SET', key('worker', worker), now, 'PX', liveness)
redis.call('ZADD', key('workers'), now + liveness, worker)
local answers = {}
for i = 6, #ARGV, 2 do
  local job, token = ARGV[i], ARGV[i + 1]
  local held = redis.call('HMGET', key('job', job), 'state', 'token', 'stop')
  if held[1] == 'running' and held[2] == token then
    redis.call('ZADD', key('leases'), now + lease, job)
    answers[#answers + 1] = held[3] == '1' and 'stop' or 'held'
  else
    answers[#answers + 1] = 'lost'
  end
end
return answers
