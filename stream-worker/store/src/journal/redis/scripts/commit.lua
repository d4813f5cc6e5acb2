-- Writes a step, whole or not at all.
--
-- KEYS: record, log, whole, todo, job, here
-- ARGV: time offset, attempt, first position, events, counts, outcome ('' if the job goes on), expiry of a live channel's keys
--       in ms, retention in ms, cut ('1' if an event tells that formats are left out), shows ('1' if readers may have the events at
--       once, else replicas confirm them first); then five lists, each begun by its length in members:
--       blocks and whole events (position of the last event, field, value, gist; see `add_row`), discovered URLs (ordinal, bytes),
--       completed URLs (ordinal), what was read of hosts' robots.txt (field, value)
-- Answers one of
--   lost      another attempt may write, or nobody
--   echo      the log has something at these positions already
--   rewound   positions before these are missing
--   ok, ctl, the counts before, bytes of the log

local log, whole, todo, job, here = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local attempt, first, events, counts, outcome, expiry, retention, cut, shows =
  ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10] == '1'

local holder, stage, till, head, pending, top, before, ctl, bytes = unpack(
  redis.call('HMGET', record, 'attempt', 'stage', 'until', 'head', 'pending', 'top', 'counts', 'ctl', 'bytes'))

-- The time of the lease does not matter: a writer that nobody followed may go on.
if holder ~= attempt or stage ~= 'live' or not till then
  return {'lost'}
end
local last = position_of(head)
if last + 1 > first then
  -- A write, so that replicas who have it have the first try as well.
  redis.call('HSET', record, 'attempt', attempt)
  return {'echo'}
end
if last + 1 < first then
  return {'rewound'}
end

local at = 11
-- The next list, as the places of its first and its last argument.
local function list(width)
  local members = tonumber(ARGV[at])
  local from = at + 1
  at = from + members * width
  return from, at - 1
end

bytes = tonumber(bytes or 0)
-- Adds a row: `z` is a block, `b` its place in the object store; beside it, unless it is empty, `g`, the block's gist.
local function add_row(stream, i)
  local id, field, value, gist = attempt .. '-' .. ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  bytes = bytes + #value + #gist
  if gist == '' then
    redis.call('XADD', stream, id, field, value)
  else
    redis.call('XADD', stream, id, field, value, 'g', gist)
  end
end

local from, to = list(4)
for i = from, to, 4 do
  add_row(log, i)
end
if from < to and last == 0 then
  redis.call('PEXPIRE', log, expiry)
end

from, to = list(4)
for i = from, to, 4 do
  add_row(whole, i)
end
if from < to then
  redis.call('PEXPIRE', whole, expiry, 'NX')
end

pending, top = tonumber(pending), tonumber(top)
from, to = list(2)
local new = from < to and top == 0
for i = from, to, 2 do
  -- What is not above the top has been added before: the same step, sent twice.
  local ordinal = tonumber(ARGV[i])
  if ordinal > top then
    redis.call('XADD', todo, '0-' .. ARGV[i], 'u', ARGV[i + 1])
    top = ordinal
    pending = pending + 1
  end
end
if new then
  redis.call('PEXPIRE', todo, expiry)
end

from, to = list(1)
for i = from, to, 1000 do
  -- A thousand at a time: that many values fit on Lua's stack.
  local some = {}
  for j = i, math.min(i + 999, to) do
    some[#some + 1] = '0-' .. ARGV[j]
  end
  pending = pending - redis.call('XDEL', todo, unpack(some))
end
if from <= to then
  redis.call('HSET', record, 'fruitless', '0')
end

from, to = list(2)
for i = from, to, 2 do
  -- Of the first hundred hosts.
  if redis.call('HEXISTS', record, ARGV[i]) == 1 then
    redis.call('HSET', record, ARGV[i], ARGV[i + 1])
  elseif tonumber(redis.call('HGET', record, 'hosts') or 0) < 100 then
    redis.call('HSET', record, ARGV[i], ARGV[i + 1])
    redis.call('HINCRBY', record, 'hosts', 1)
  end
end

if events > 0 then
  if shows then
    redis.call('HDEL', record, 'shown')
  else
    redis.call('HSETNX', record, 'shown', head)
  end
  head = attempt .. '-' .. int(first + events - 1)
end
redis.call('HSET', record, 'head', head, 'pending', int(pending), 'top', int(top), 'counts', counts, 'bytes', int(bytes))
if cut == '1' then
  redis.call('HSET', record, 'cut', '1')
end

if outcome ~= '' then
  redis.call('HSET', record, 'stage', outcome, 'ended', int(now(ARGV[1])), 'pending', '0')
  redis.call('HDEL', record, 'until')
  redis.call('UNLINK', todo, here)
  redis.call('PEXPIRE', log, retention)
  redis.call('PEXPIRE', whole, retention)
  redis.call('PEXPIRE', record, int(2 * retention))
  redis.call('PEXPIRE', job, int(2 * retention))
end
if events > 0 and shows then
  publish('h ' .. head .. (outcome ~= '' and ' e' or ''))
end
return {'ok', ctl, before, int(bytes)}
