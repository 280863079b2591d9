-- ARGV: job id, token, reason, pause ms, grace ms, probe ms, failures in a row that break the circuit, ms it
-- stays broken. Reasons: drained, refused (too many in flight), overloaded, unavailable, barred.
local job, token, reason, pause = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local now = clock()
local record = record_of(job)
if not holds(record, token) then return cjson.encode({grants = {}}) end
local lane, account = record.lane, record.account
local in_flight = redis.call('ZCARD', key('slots', lane, account))
release_slot(job, record, now, tonumber(ARGV[5]))
redis.call('ZREM', key('leases'), job)
if reason ~= 'drained' then redis.call('HINCRBY', key('job', job), 'refusals', 1) end
if reason == 'refused' then
  -- With n-1 others in flight the account was full, so n-1 is what it bears just now.
  redis.call('HSET', key('effective', lane), account, math.max(1, in_flight - 1),
    account .. ':at', now, account .. ':step', 1)
  if in_flight > 1 then pause = 0 end
elseif reason == 'unavailable' then
  -- The last account is never left out: who waits must be told what is wrong.
  local failures = redis.call('HINCRBY', key('effective', lane), account .. ':failures', 1)
  if failures >= tonumber(ARGV[7]) and has_account(lane, account, now) then
    bar(lane, account, now + tonumber(ARGV[8]))
    pause = 0
  end
end
if pause > 0 then redis.call('SET', key('paused', lane), now + pause, 'PX', pause) end
local lanes = lanes_of(record)
rejoin_at_head(lanes, record.user, job)
return cjson.encode({grants = admit_all(lanes, now, tonumber(ARGV[6]), {})})
