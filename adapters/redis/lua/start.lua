-- ARGV: job id, token, worker, lease ms. Answers null when the job is somebody else's or over.
local job, token, worker, lease = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local now = clock()
local record = record_of(job)
if record.state ~= 'granted' or record.token ~= token then return false end
redis.call('HSET', key('job', job), 'state', 'running', 'worker', worker)
redis.call('ZREM', key('grants'), job)
redis.call('ZADD', key('leases'), now + lease, job)
return cjson.encode({
  body = record.body, lane = record.lane, account = record.account, checkpoint = record.checkpoint,
  attempts = tonumber(record.attempts), refusals = tonumber(record.refusals),
  wait = math.max(0, (tonumber(record.ready) or 0) - now), waited = now - tonumber(record.accepted),
  stop = record.stop == '1',
})
