-- ARGV: offset, channel, tenant, body. Answers 1 if the message is new.

local offset, channel, tenant, body = unpack(ARGV)
if redis.call('HEXISTS', STATE, channel) == 1 then return 0 end
local message = {
  channel = channel, ordinal = redis.call('INCR', LAST), receives = 0, receipt = NEVER, tenant = tenant,
}
save(message)
redis.call('HSET', BODY, channel, body)
show(message, now(offset))
wake()
return 1
