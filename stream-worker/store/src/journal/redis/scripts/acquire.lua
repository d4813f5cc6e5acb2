-- Takes the lease on a job for its next attempt; begins the record if there is none.
--
-- KEYS: record, job, log, whole, todo, here
-- ARGV: time offset, worker, lease in ms, expiry of a live channel's keys in ms, seed, job message, webhook ('1' if the job
--       has one)
-- Answers one of
--   finished, hidden ('1' if readers do not have all events yet)
--   held, milliseconds until it lapses
--   damaged, what is missing
--   granted, attempt, head, counts, seed, started, fruitless, begun ('1' if the job has just begun), hidden, bytes of the log, cut
--     ('1' if the log tells that formats are left out), and the flags

local job, log, whole, todo, here = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local worker, lease, expiry, seed, message, webhook = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]

-- Attempts are numbered by the seconds since 2026-01-01, so that a number that was lost is not given again.
local EPOCH = 1767225600

local time = now(ARGV[1])
local stage, till, attempt, head, pending, shown = unpack(
  redis.call('HMGET', record, 'stage', 'until', 'attempt', 'head', 'pending', 'shown'))
local hidden = shown and '1' or '0'

if is_terminal(stage) then
  return {'finished', hidden}
end
if till and tonumber(till) > time then
  return {'held', int(till - time)}
end

local begun = stage ~= 'live'
if begun then
  -- What is left of a log whose record is lost cannot be gone on with: the job begins again.
  redis.call('UNLINK', log, whole, todo)
  redis.call('SET', job, message)
  redis.call('HDEL', record, 'bytes', 'cut')
  redis.call('HSET', record, 'stage', 'live', 'seed', seed, 'started', int(time), 'head', '0-0', 'pending', '0', 'top', '0')
  if webhook == '1' then
    redis.call('HSET', record, 'hp', '0-0', 'hn', '0')
  end
  head, pending = '0-0', '0'
end

local waiting = redis.call('XLEN', todo)
if waiting ~= tonumber(pending) then
  return {'damaged', int(waiting) .. ' waiting URLs instead of ' .. pending}
end
if position_of(head) > 0 and redis.call('EXISTS', log) == 0 then
  return {'damaged', 'no log up to ' .. head}
end

attempt = math.max((attempt or 0) + 1, math.floor(time / 1000) - EPOCH)
local spans = redis.call('HGET', record, 'spans')
spans = (spans and spans .. ',' or '') .. int(attempt) .. ':' .. int(position_of(head) + 1)
redis.call('HSET', record, 'attempt', int(attempt), 'spans', spans, 'until', int(time + lease), 'worker', worker)
redis.call('HINCRBY', record, 'fruitless', 1)
for _, key in ipairs({record, job, log, whole, todo}) do
  redis.call('PEXPIRE', key, expiry)
end
count_watchers(here, time, false)

local fields = redis.call('HMGET', record, 'counts', 'seed', 'started', 'fruitless', 'bytes', 'cut')
local answer = {
  'granted', int(attempt), head, fields[1], fields[2], fields[3], fields[4], begun and '1' or '0', hidden, fields[5], fields[6],
}
return append_flags(answer, time)
