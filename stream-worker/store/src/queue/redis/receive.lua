-- ARGV: offset, most, visibility in milliseconds, receives that a message gets, receipt of all that this call takes, then the
-- tenants that are passed over. Answers { taken, died, milliseconds until the next hidden message is due or -1 }, each of the
-- taken as { channel, receives, body }.

local offset, most, visibility, receives, receipt = unpack(ARGV)
most, visibility, receives = tonumber(most), tonumber(visibility), tonumber(receives)
local time = now(offset)

local AT_ONCE = 1000      -- messages that become ready in one call
local MOST_DEATHS = 100   -- dead letters that one call makes: they are as much work as the living

local except = {}
for at = 6, #ARGV do except[ARGV[at]] = true end

-- Makes those ready whose time has come.
local due = redis.call('ZRANGE', DUE, '-inf', string.format('%d', time), 'BYSCORE', 'LIMIT', 0, AT_ONCE, 'WITHSCORES')
for at = 1, #due, 2 do
  show(find(due[at]), tonumber(due[at + 1]))
end

-- The oldest message of the first tenant from `from` on.
local function first(from)
  while true do
    local found = redis.call('ZRANGE', READY, from, '+', 'BYLEX', 'LIMIT', 0, 1)[1]
    if not found then return nil end
    local tenant = string.match(found, '^(.-)%z')
    if not except[tenant] then return find(string.sub(found, #tenant + 18)) end
    from = '(' .. tenant .. '\1'
  end
end

local turn = redis.call('GET', TURN) or ''
local taken, died = {}, 0
while #taken < most and died < MOST_DEATHS do
  -- Behind all messages of the tenant whose turn was last, or once around.
  local message = first('(' .. turn .. '\1') or first('-')
  if not message then break end
  turn = message.tenant
  local body = redis.call('HGET', BODY, message.channel)
  if message.receives >= receives then
    bury(message, string.format('it was received %d times and never finished', message.receives))
    died = died + 1
  elseif not body then
    bury(message, 'its body is gone')
    died = died + 1
  else
    message.receives = message.receives + 1
    message.receipt = receipt
    save(message)
    hide(message, time + visibility)
    taken[#taken + 1] = { message.channel, message.receives, body }
  end
end
if #taken + died > 0 then redis.call('SET', TURN, turn) end

local next = redis.call('ZRANGE', DUE, 0, 0, 'WITHSCORES')[2]
return { taken, died, next and math.max(tonumber(next) - time, 0) or -1 }
