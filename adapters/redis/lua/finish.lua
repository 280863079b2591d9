-- ARGV: job id, token, outcome, grace ms, probe ms, ms to keep the record
local job, token = ARGV[1], ARGV[2]
local now = clock()
local record = record_of(job)
if not holds(record, token) then return cjson.encode({grants = {}}) end
release_slot(job, record, now, tonumber(ARGV[4]))
redis.call('ZREM', key('leases'), job)
if ARGV[3] == 'answered' then redis.call('HDEL', key('effective', record.lane), record.account .. ':failures') end
redis.call('HSET', key('job', job), 'state', 'done', 'outcome', ARGV[3])
redis.call('HDEL', key('job', job), 'checkpoint')
redis.call('PEXPIRE', key('job', job), ARGV[6])
redis.call('PEXPIRE', key('reply', cjson.decode(record.body).reply_id), ARGV[6])
return cjson.encode({grants = admit(record.lane, now, tonumber(ARGV[5]), {})})
