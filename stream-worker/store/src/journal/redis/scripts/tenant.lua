-- One tenant's totals by day of UTC, and its channels by number.
--
-- KEYS: totals, channels
-- ARGV: time offset, then one of
--   begin, channel, most, expiry in ms   numbers the channel and counts its job, once; keeps the newest `most` channels
--   pages, number, expiry in ms          counts pages
--   look
--   list, bound, most                    channels below a bound, newest first
-- Answers the totals of the day: jobs, pages; for a list, each channel and its number
--
-- Of the totals, `<day>:jobs` and `<day>:pages` are those of a day, counted from 1970-01-01, and `number` is the last channel's.

local totals, channels, verb = KEYS[1], KEYS[2], ARGV[2]

-- Days for which totals are kept.
local KEPT = 35

local day = math.floor(now(ARGV[1]) / 86400000)
local jobs, pages = int(day) .. ':jobs', int(day) .. ':pages'

-- Takes out what is older than anybody asks for.
local function forget()
  for _, field in ipairs(redis.call('HKEYS', totals)) do
    local of = tonumber(string.match(field, '^(%d+):'))
    if of and of < day - KEPT then
      redis.call('HDEL', totals, field)
    end
  end
end

if verb == 'begin' then
  local channel, most, expiry = ARGV[3], tonumber(ARGV[4]), ARGV[5]
  if not redis.call('ZSCORE', channels, channel) then
    local number = redis.call('HINCRBY', totals, 'number', 1)
    redis.call('ZADD', channels, int(number), channel)
    redis.call('ZREMRANGEBYRANK', channels, 0, -most - 1)
    if redis.call('HINCRBY', totals, jobs, 1) == 1 then
      forget()
    end
  end
  redis.call('PEXPIRE', totals, expiry)
  redis.call('PEXPIRE', channels, expiry)
elseif verb == 'pages' then
  redis.call('HINCRBY', totals, pages, ARGV[3])
  redis.call('PEXPIRE', totals, ARGV[4])
end
if verb == 'list' then
  local answer = redis.call('ZRANGE', channels, ARGV[3], '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, ARGV[4], 'WITHSCORES')
  for i = 2, #answer, 2 do
    answer[i] = int(answer[i])
  end
  return answer
end
local answer = redis.call('HMGET', totals, jobs, pages)
return {answer[1] or '0', answer[2] or '0'}
