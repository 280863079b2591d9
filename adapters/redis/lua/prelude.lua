-- Shared by every script of the line; put in front of each of them.
--
-- KEYS[1] is the root, such as "{glimmer}:": all keys share its hash tag, so that a script's keys live on one
-- Cluster node. Times are Redis's own, in ms, so that hosts need not agree on a clock.
--
--   job:<id>             hash: state (waiting|granted|running|done) lane account user token body checkpoint …
--   reply:<reply id>     the newest job of a reply
--   lanes                set of models with a line
--   limits:<lane>        hash account → requests that may be in flight
--   effective:<lane>     hash account → lowered limit, with "<account>:at" and "<account>:step"
--   turns:<lane>         list of users with waiting jobs, next first (round robin)
--   line:<lane>:<user>   list of that user's waiting jobs, oldest first
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
  local lowered = redis.call('HMGET', key('effective', lane), account, account .. ':at', account .. ':step')
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

-- Takes the next job out of a lane: round robin over users, first come first served within a user.
local function take_next(lane)
  while true do
    local user = redis.call('LPOP', key('turns', lane))
    if not user then return nil end
    local line = key('line', lane, user)
    local job = redis.call('LPOP', line)
    if redis.call('LLEN', line) > 0 then redis.call('RPUSH', key('turns', lane), user) end
    if job and redis.call('HGET', key('job', job), 'state') == 'waiting' then return job end
  end
end

local function admit(lane, now, probe, granted)
  local paused = tonumber(redis.call('GET', key('paused', lane)) or 0)
  if paused > now then return granted end
  while true do
    local account, limit = free_account(lane, now, probe)
    if not account then return granted end
    local job = take_next(lane)
    if not job then return granted end
    local ready = ready_at(lane, account, limit, now)
    local token = redis.call('INCR', key('fence'))
    redis.call('HSET', key('job', job), 'state', 'granted', 'token', token, 'account', account,
      'granted', now, 'ready', ready, 'slot', '1')
    redis.call('ZADD', key('slots', lane, account), now, job)
    redis.call('ZADD', key('grants'), now, job)
    granted[#granted + 1] = {job, token}
  end
end

local function join_line(lane, user, job)
  redis.call('HSET', key('job', job), 'state', 'waiting')
  local line = key('line', lane, user)
  if redis.call('LLEN', line) == 0 then redis.call('RPUSH', key('turns', lane), user) end
  redis.call('RPUSH', line, job)
end

-- A job that was already being worked on goes before everybody else: its reader has seen it begin.
local function rejoin_at_head(lane, user, job)
  redis.call('HSET', key('job', job), 'state', 'waiting')
  redis.call('LPUSH', key('line', lane, user), job)
  redis.call('LREM', key('turns', lane), 0, user)
  redis.call('LPUSH', key('turns', lane), user)
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
