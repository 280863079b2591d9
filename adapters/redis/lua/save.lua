-- ARGV: job id, token, checkpoint. Answers 0 when the lease is lost.
local held = redis.call('HMGET', key('job', ARGV[1]), 'state', 'token')
if held[1] ~= 'running' or held[2] ~= ARGV[2] then return 0 end
redis.call('HSET', key('job', ARGV[1]), 'checkpoint', ARGV[3])
return 1
