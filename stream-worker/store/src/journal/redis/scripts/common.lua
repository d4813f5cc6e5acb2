-- What all scripts share; stands before each of them, after `now(offset)`, which answers milliseconds since the Unix epoch.
--
-- KEYS[1] is the channel's record, and the topic on which its changes are published. ARGV[1] is what is added to the
-- server's time, in milliseconds: 0 outside of tests.

local record = KEYS[1]

-- A number as text: digits, never an exponent.
local function int(number)
  return string.format('%d', number)
end

-- The position in an event's ID.
local function position_of(id)
  return tonumber(string.match(id or '0-0', '%-(%d+)$'))
end

local function is_terminal(stage)
  return stage == 'done' or stage == 'cancelled' or stage == 'failed'
end

local function publish(text)
  redis.call('SPUBLISH', record, text)
end

-- Counts a change of the flags and wakes those who obey them.
local function flags_changed()
  redis.call('HINCRBY', record, 'ctl', 1)
  publish('c')
end

-- Notes in the record if the first watcher has come or the last one has gone. `here` has, for each worker, its number of
-- watchers and until when that is believed: `<watchers>:<time>`. `gone` in the record is absent if there never was a
-- watcher, 0 while there is one, and then the time at which the last one left. Answers the number of watchers.
local function count_watchers(here, time, one_has_left)
  local entries = redis.call('HGETALL', here)
  local watchers, lapsed = 0, 0
  for i = 1, #entries, 2 do
    local number, till = string.match(entries[i + 1], '^(%d+):(%d+)$')
    if tonumber(till) > time then
      watchers = watchers + number
    else
      lapsed = math.max(lapsed, tonumber(till))
      redis.call('HDEL', here, entries[i])
    end
  end
  if redis.call('EXISTS', record) == 0 then
    return watchers
  end
  local gone = redis.call('HGET', record, 'gone')
  if watchers > 0 and gone ~= '0' then
    redis.call('HSET', record, 'gone', '0')
    flags_changed()
  elseif watchers == 0 and gone == '0' then
    -- A presence that expired with its key has left no time behind: then the grace begins now.
    local left = (one_has_left or lapsed == 0) and time or lapsed
    redis.call('HSET', record, 'gone', int(left))
    flags_changed()
  end
  return watchers
end

-- The flags as every answer ends with them: cancel, paused, gone, ctl, the server's time.
local function append_flags(answer, time)
  local flags = redis.call('HMGET', record, 'cancel', 'paused', 'gone', 'ctl')
  for i = 1, 4 do
    answer[#answer + 1] = flags[i]
  end
  answer[#answer + 1] = int(time)
  return answer
end

