-- Shared by every script of the line; put in front of each of them.
--
-- KEYS[1] is the root, such as "{glimmer}:": all keys share its hash tag, so that a script's keys live on one
-- Cluster node. Times are Redis's own, in ms, so that hosts need not agree on a clock.
--
--   job:<id>             hash: state (waiting|granted|running|done) lanes lane account user token body checkpoint …
--                        "lanes" (JSON) are those it may be admitted on, "lane" is the one it was admitted on
--   reply:<reply id>     the newest job of a reply
--   lanes                set of models with a line
--   limits:<lane>        hash account → requests that may be in flight
--   effective:<lane>     hash account → lowered limit, with "<account>:at" and "<account>:step", and
--                        "<account>:barred" → ms until which it is left out, "<account>:failures" in a row
--   turns:<lane>         list of users with waiting jobs, next first (round robin)
--   line:<lane>:<user>   list of that user's waiting jobs, oldest first; a job waits in each of its lanes
--   slots:<lane>:<acc>   zset of jobs in flight → when granted
--   ghosts:<lane>:<acc>  zset of slots freed just now → when the upstream has surely noticed
--   paused:<lane>        ms until which nothing is admitted
--   hold:<lane>          mean time a slot is held, ms
--   grants               zset of granted jobs nobody has started → last rung
--   leases               zset of running jobs → deadline
--   worker:<id>          liveness, expires by itself
--   workers              zset of workers → until when they count as alive, for the operator only

local root = KEYS[1]

local function key(...)
  return root .. table.concat({...}, ':')
end

local function clock()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local function pairs_of(flat)
  local map = {}
  for i = 1, #flat, 2 do map[flat[i]] = flat[i + 1] end
  return map
end

-- The limit in force: a refusal lowers it, quiet times raise it again by 1, 2, 4 ...
local function effective_limit(lane, account, limit, now, probe)
  local lowered = redis.call('HMGET', key('effective', lane), account, account .. ':at', account .. ':step',
    account .. ':barred')
  if (tonumber(lowered[4]) or 0) > now then return 0 end
  local value = tonumber(lowered[1])
  if not value then return limit end
  local since, step = tonumber(lowered[2]) or now, tonumber(lowered[3]) or 1
  while value < limit and now - since >= probe do
    value, step, since = value + step, step * 2, since + probe
  end
  if value >= limit then
    redis.call('HDEL', key('effective', lane), account, account .. ':at', account .. ':step')
    return limit
  end
  redis.call('HSET', key('effective', lane), account, value, account .. ':at', since, account .. ':step', step)
  return value
end

-- The account with the most free slots, with its limit.
local function free_account(lane, now, probe)
  local best, most, best_limit = nil, 0, 0
  local limits = redis.call('HGETALL', key('limits', lane))
  for i = 1, #limits, 2 do
    local account, limit = limits[i], tonumber(limits[i + 1])
    local effective = effective_limit(lane, account, limit, now, probe)
    local free = effective - redis.call('ZCARD', key('slots', lane, account))
    if free > most then best, most, best_limit = account, free, effective end
  end
  return best, best_limit
end

-- A slot freed a moment ago may still count upstream: such a grant says how long to wait before the request.
local function ready_at(lane, account, limit, now)
  local ghosts = key('ghosts', lane, account)
  redis.call('ZREMRANGEBYSCORE', ghosts, '-inf', now)
  if redis.call('ZCARD', key('slots', lane, account)) + redis.call('ZCARD', ghosts) < limit then return 0 end
  local first = redis.call('ZRANGE', ghosts, 0, 0, 'WITHSCORES')
  if not first[1] then return 0 end
  redis.call('ZREM', ghosts, first[1])
  return tonumber(first[2])
end

local function is_paused(lane, now)
  return tonumber(redis.call('GET', key('paused', lane)) or 0) > now
end

local function leave_line(lane, user, job)
  local line = key('line', lane, user)
  redis.call('LREM', line, 0, job)
  if redis.call('LLEN', line) == 0 then redis.call('LREM', key('turns', lane), 0, user) end
end

-- Takes the next job out of a lane, and out of every other: round robin over users, first come first served
-- within a user. Answers the job and the lanes it could be admitted on, best first.
local function take_next(lane)
  while true do
    local user = redis.call('LPOP', key('turns', lane))
    if not user then return nil end
    local line = key('line', lane, user)
    local job = redis.call('LPOP', line)
    if redis.call('LLEN', line) > 0 then redis.call('RPUSH', key('turns', lane), user) end
    local record = job and redis.call('HMGET', key('job', job), 'state', 'lanes')
    if record and record[1] == 'waiting' then
      local lanes = record[2] and cjson.decode(record[2]) or {lane}
      for _, other in ipairs(lanes) do
        if other ~= lane then
          leave_line(other, user, job)
          -- Who is served in one lane has had their turn in the others too.
          if redis.call('LREM', key('turns', other), 0, user) > 0 then
            redis.call('RPUSH', key('turns', other), user)
          end
        end
      end
      return job, lanes
    end
  end
end

-- The first of a job's lanes that has a slot; this one has, so later ones do not matter.
local function best_of(lanes, lane, account, limit, now, probe)
  for _, other in ipairs(lanes) do
    if other == lane then break end
    if not is_paused(other, now) then
      local better, its_limit = free_account(other, now, probe)
      if better then return other, better, its_limit end
    end
  end
  return lane, account, limit
end

local function admit(lane, now, probe, granted)
  if is_paused(lane, now) then return granted end
  while true do
    local free, free_limit = free_account(lane, now, probe)
    if not free then return granted end
    local job, lanes = take_next(lane)
    if not job then return granted end
    local chosen, account, limit = best_of(lanes, lane, free, free_limit, now, probe)
    local ready = ready_at(chosen, account, limit, now)
    local token = redis.call('INCR', key('fence'))
    redis.call('HSET', key('job', job), 'state', 'granted', 'token', token, 'lane', chosen, 'account', account,
      'granted', now, 'ready', ready, 'slot', '1')
    redis.call('ZADD', key('slots', chosen, account), now, job)
    redis.call('ZADD', key('grants'), now, job)
    granted[#granted + 1] = {job, token}
  end
end

local function admit_all(lanes, now, probe, granted)
  for _, lane in ipairs(lanes) do admit(lane, now, probe, granted) end
  return granted
end

-- Records of an older version have no lanes.
local function lanes_of(record)
  return record.lanes and cjson.decode(record.lanes) or {record.lane}
end

local function join_lines(lanes, user, job)
  redis.call('HSET', key('job', job), 'state', 'waiting')
  for _, lane in ipairs(lanes) do
    local line = key('line', lane, user)
    if redis.call('LLEN', line) == 0 then redis.call('RPUSH', key('turns', lane), user) end
    redis.call('RPUSH', line, job)
  end
end

-- A job that was already being worked on goes before everybody else: its reader has seen it begin.
local function rejoin_at_head(lanes, user, job)
  redis.call('HSET', key('job', job), 'state', 'waiting')
  for _, lane in ipairs(lanes) do
    redis.call('LPUSH', key('line', lane, user), job)
    redis.call('LREM', key('turns', lane), 0, user)
    redis.call('LPUSH', key('turns', lane), user)
  end
end

local function release_slot(job, record, now, grace)
  if record.slot ~= '1' then return end
  local lane, account = record.lane, record.account
  redis.call('ZREM', key('slots', lane, account), job)
  redis.call('HSET', key('job', job), 'slot', '0')
  if grace > 0 then redis.call('ZADD', key('ghosts', lane, account), now + grace, record.token) end
  local held = now - (tonumber(record.granted) or now)
  local mean = tonumber(redis.call('GET', key('hold', lane)) or held)
  redis.call('SET', key('hold', lane), math.floor(0.8 * mean + 0.2 * held))
end

local function record_of(job)
  return pairs_of(redis.call('HGETALL', key('job', job)))
end

local function holds(record, token)
  return record.state == 'running' and record.token == token
end

-- How fast a lane moves: the mean time a slot is held in ms (0 while unknown) and the slots there are.
local function pace(lane, now, probe)
  local total = 0
  local limits = redis.call('HGETALL', key('limits', lane))
  for i = 1, #limits, 2 do
    total = total + effective_limit(lane, limits[i], tonumber(limits[i + 1]), now, probe)
  end
  return tonumber(redis.call('GET', key('hold', lane)) or 0), total
end

-- Whether a lane has an account that may be used now, other than the one named.
local function has_account(lane, except, now)
  local limits = redis.call('HGETALL', key('limits', lane))
  for i = 1, #limits, 2 do
    local barred = tonumber(redis.call('HGET', key('effective', lane), limits[i] .. ':barred') or 0)
    if limits[i] ~= except and tonumber(limits[i + 1]) > 0 and barred <= now then return true end
  end
  return false
end

local function bar(lane, account, until_ms)
  redis.call('HSET', key('effective', lane), account .. ':barred', until_ms)
  redis.call('HDEL', key('effective', lane), account .. ':failures')
end
