-- ARGV: reply id, ms to keep the record. A waiting job leaves the line; a running one is flagged for its worker.
local job = redis.call('GET', key('reply', ARGV[1]))
if not job then return false end
local record = record_of(job)
if not record.state or record.state == 'done' then return false end
local was_waiting = record.state == 'waiting'
if was_waiting then
  for _, lane in ipairs(lanes_of(record)) do leave_line(lane, record.user, job) end
  redis.call('HSET', key('job', job), 'state', 'done', 'outcome', 'stopped')
  redis.call('PEXPIRE', key('job', job), ARGV[2])
  redis.call('PEXPIRE', key('reply', ARGV[1]), ARGV[2])
else
  redis.call('HSET', key('job', job), 'stop', '1')
end
return cjson.encode({
  body = record.body, was_waiting = was_waiting, token = tonumber(record.token), checkpoint = record.checkpoint,
})
