-- ARGV: offset, channel, receipt, body. Answers 0 if the receipt is stale.

local offset, channel, receipt, body = unpack(ARGV)
local message = held(channel, receipt)
if not message then return 0 end
message.receives, message.receipt = 0, NEVER
save(message)
redis.call('HSET', BODY, channel, body)
show(message, now(offset))
wake()
return 1
