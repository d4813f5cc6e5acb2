-- ARGV: offset, channel, receipt. Answers 0 if the receipt is stale.

local _, channel, receipt = unpack(ARGV)
local message = held(channel, receipt)
if not message then return 0 end
forget(message)
return 1
