-- ARGV: job id, token, ms, whether the account is dead for every model (1) or just this one (0).
-- Answers 1 when somebody else can do the job, who then gets it by a requeue; 0 when the user is to be told.
local job, token, span, everywhere = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1'
local now = clock()
local record = record_of(job)
if not holds(record, token) then return 1 end
local lane, account = record.lane, record.account
local has_other = has_account(lane, account, now)
-- A lane's last account is never barred: its line would stand still and nobody would be told why.
local concerned = everywhere and redis.call('SMEMBERS', key('lanes')) or {lane}
for _, one in ipairs(concerned) do
  local limit = tonumber(redis.call('HGET', key('limits', one), account) or 0)
  if limit > 0 and has_account(one, account, now) then bar(one, account, now + span) end
end
if has_other then return 1 end
local left = {}
for _, one in ipairs(lanes_of(record)) do
  if one ~= lane and has_account(one, everywhere and account or '', now) then left[#left + 1] = one end
end
if #left == 0 then return 0 end
redis.call('HSET', key('job', job), 'lanes', cjson.encode(left))
return 1
