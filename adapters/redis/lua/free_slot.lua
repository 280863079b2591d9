-- ARGV: job id, token, grace ms, probe ms
local now = clock()
local record = record_of(ARGV[1])
if not holds(record, ARGV[2]) then return cjson.encode({grants = {}}) end
release_slot(ARGV[1], record, now, tonumber(ARGV[3]))
return cjson.encode({grants = admit(record.lane, now, tonumber(ARGV[4]), {})})
