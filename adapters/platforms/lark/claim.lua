-- Takes a reply for one write, unless somebody else is at it or has gone further.
-- KEYS: the reply's record
-- ARGV: fence, revision, final ("0"/"1"), claim's name, milliseconds it holds, seconds to keep, sequences wanted
-- Returns {"claimed" | "busy" | "late" | "lost", state or "", first sequence, stored revision, abandoned}
-- where "abandoned" is 1 when the former claim was never ended: its last call may have been done or not.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fence, revision, final = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'fence', 'revision', 'final', 'claim', 'claimed_until', 'state')
local kept_fence, kept_revision = tonumber(kept[1] or '-1'), tonumber(kept[2] or '-1')
local kept_final = tonumber(kept[3] or '0')
if kept_fence > fence then
  return {'lost', '', 0, kept_revision, 0}
end
if kept_fence == fence and final <= kept_final and (kept_revision > revision or final < kept_final) then
  return {'late', '', 0, kept_revision, 0}
end
if kept[4] and kept[4] ~= '' and tonumber(kept[5] or '0') > now then
  -- The higher fence announces itself, so that the former worker writes nothing after this.
  if fence > kept_fence then
    redis.call('HSET', KEYS[1], 'fence', fence, 'revision', -1, 'final', 0)
  end
  return {'busy', '', 0, kept_revision, 0}
end
redis.call('HSET', KEYS[1], 'fence', fence, 'claim', ARGV[4], 'claimed_until', now + tonumber(ARGV[5]))
if fence > kept_fence then
  redis.call('HSET', KEYS[1], 'revision', -1, 'final', 0)
end
local last = redis.call('HINCRBY', KEYS[1], 'sequence', ARGV[7])
redis.call('EXPIRE', KEYS[1], ARGV[6])
local abandoned = (kept[4] and kept[4] ~= '') and 1 or 0
return {'claimed', kept[6] or '', last - tonumber(ARGV[7]) + 1, kept_revision, abandoned}
