-- Changes the flags of a job, or only looks at them.
--
-- KEYS: record, here
-- ARGV: time offset, then one of
--   cancel, reason, expiry         raises the flag; the first reason stays
--   pause, '1' or '0', expiry
--   attend, worker, watchers, confirmed for so many ms, expiry
--   look
--   The expiry, in ms, is that of a record whose job has not come.
-- Answers the stage before (nothing if there was no record), if a cancel was raised before ('1' or '0'), the number of watchers,
-- and the flags

local here = KEYS[2]
local verb = ARGV[2]
local time = now(ARGV[1])
local stage, cancel, paused = unpack(redis.call('HMGET', record, 'stage', 'cancel', 'paused'))
local live = not is_terminal(stage)

-- The record of a job that has not come goes after a while.
local function keep(expiry)
  if stage ~= 'live' and live then
    redis.call('HSETNX', record, 'stage', 'awaited')
    redis.call('PEXPIRE', record, expiry)
  end
end

local left = false
if verb == 'cancel' and live and not cancel then
  redis.call('HSET', record, 'cancel', ARGV[3])
  keep(ARGV[4])
  flags_changed()
elseif verb == 'pause' and (paused or '0') ~= ARGV[3] then
  redis.call('HSET', record, 'paused', ARGV[3])
  keep(ARGV[4])
  flags_changed()
elseif verb == 'attend' and live then
  local worker, watchers, confirmed, expiry = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
  if watchers == '0' then
    left = redis.call('HDEL', here, worker) == 1
  else
    redis.call('HSET', here, worker, watchers .. ':' .. int(time + confirmed))
    redis.call('PEXPIRE', here, int(2 * confirmed))
    keep(expiry)
  end
end

local watchers = live and count_watchers(here, time, left) or 0
return append_flags({stage, cancel and '1' or '0', int(watchers)}, time)
