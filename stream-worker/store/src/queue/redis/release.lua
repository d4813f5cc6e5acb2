-- ARGV: offset, channel, receipt, milliseconds. Answers 0 if the receipt is stale.

local offset, channel, receipt, delay = unpack(ARGV)
local message = held(channel, receipt)
if not message then return 0 end
message.receipt = NEVER
save(message)
if tonumber(delay) > 0 then
  hide(message, now(offset) + tonumber(delay))
else
  show(message, now(offset))
end
wake()
return 1
