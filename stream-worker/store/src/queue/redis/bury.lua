-- ARGV: offset, channel, receipt, reason. Answers 0 if the receipt is stale.

local _, channel, receipt, reason = unpack(ARGV)
local message = held(channel, receipt)
if not message then return 0 end
bury(message, reason)
return 1
