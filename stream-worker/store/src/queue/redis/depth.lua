-- ARGV: offset. Answers { ready, hidden, dead, milliseconds for which the oldest has been ready }.

local time = now(ARGV[1])
local text = string.format('%d', time)
local due = redis.call('ZCOUNT', DUE, '-inf', text)
local oldest = time
for _, key in ipairs({ SINCE, DUE }) do
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  if first then oldest = math.min(oldest, tonumber(first)) end
end
return {
  redis.call('ZCARD', READY) + due,
  redis.call('ZCARD', DUE) - due,
  redis.call('XLEN', DEAD),
  time - oldest,
}
