-- ARGV: offset, channel, receipt, milliseconds. Answers 0 if the receipt is stale.

local offset, channel, receipt, span = unpack(ARGV)
local message = held(channel, receipt)
if not message then return 0 end
hide(message, now(offset) + tonumber(span))
return 1
