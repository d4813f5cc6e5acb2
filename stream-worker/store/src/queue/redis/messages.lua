-- What every script of the queue knows: its keys, and where a message is.

local READY, SINCE, DUE, STATE, BODY, DEAD, TURN, LAST, TOPIC = unpack(KEYS)

local NEVER = '-'          -- the receipt of a message that nobody has
local DEAD_LETTERS = 1000  -- dead letters that are kept: at most 64 KiB each

-- The message of a channel, or nil.
local function find(channel)
  local text = redis.call('HGET', STATE, channel)
  if not text then return nil end
  local ordinal, receives, receipt, tenant = string.match(text, '^(%d+) (%d+) (%S+) (.*)$')
  return {
    channel = channel, ordinal = tonumber(ordinal), receives = tonumber(receives),
    receipt = receipt, tenant = tenant,
  }
end

-- The message that a receipt names, or nil if the receipt is stale.
local function held(channel, receipt)
  local message = find(channel)
  if message and receipt ~= NEVER and message.receipt == receipt then return message end
  return nil
end

local function save(message)
  local text = string.format('%d %d %s %s', message.ordinal, message.receives, message.receipt, message.tenant)
  redis.call('HSET', STATE, message.channel, text)
end

-- The message's place among those that are ready. An ordinal of 16 digits sorts as text.
local function place(message)
  return message.tenant .. '\0' .. string.format('%016d', message.ordinal) .. message.channel
end

-- Makes a message ready, since `time`.
local function show(message, time)
  redis.call('ZREM', DUE, message.channel)
  redis.call('ZADD', READY, 0, place(message))
  redis.call('ZADD', SINCE, string.format('%d', time), message.channel)
end

-- Hides a message until `time`.
local function hide(message, time)
  redis.call('ZREM', READY, place(message))
  redis.call('ZREM', SINCE, message.channel)
  redis.call('ZADD', DUE, string.format('%d', time), message.channel)
end

local function forget(message)
  redis.call('ZREM', READY, place(message))
  redis.call('ZREM', SINCE, message.channel)
  redis.call('ZREM', DUE, message.channel)
  redis.call('HDEL', STATE, message.channel)
  redis.call('HDEL', BODY, message.channel)
end

-- Makes a message a dead letter.
local function bury(message, reason)
  redis.call('XADD', DEAD, 'MAXLEN', '=', DEAD_LETTERS, '*',
    'channel', message.channel, 'tenant', message.tenant, 'receives', message.receives,
    'reason', reason, 'body', redis.call('HGET', BODY, message.channel) or '')
  forget(message)
end

-- Tells those who wait to look again.
local function wake()
  redis.call('SPUBLISH', TOPIC, 'look')
end
