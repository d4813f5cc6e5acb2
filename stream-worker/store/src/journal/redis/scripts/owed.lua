-- Sets whose members somebody must look after, by when: the channels of one tenant whose webhook has not received everything,
-- and the tenants that have such channels. A member that owes nothing does no harm: whoever looks takes it out.
--
-- KEYS: the sorted set
-- ARGV: time offset, then one of
--   add, member, expiry in ms      due now, unless it is there
--   note, member, expiry in ms     due now
--   due                            answers how many are due
--   claim, most, hold in ms        answers those that are due, the longest due first, and puts them off by the hold
--   put_off, member, ms            due in so many milliseconds, if it is there
--   remove, member
--   forget, member, ms             taken out if it has been due for so long

local set, verb, member = KEYS[1], ARGV[2], ARGV[3]
local time = now(ARGV[1])

if verb == 'add' then
  redis.call('ZADD', set, 'NX', int(time), member)
  return redis.call('PEXPIRE', set, ARGV[4])
elseif verb == 'note' then
  redis.call('ZADD', set, int(time), member)
  return redis.call('PEXPIRE', set, ARGV[4])
elseif verb == 'due' then
  return redis.call('ZCOUNT', set, '-inf', int(time))
elseif verb == 'claim' then
  local due = redis.call('ZRANGE', set, '-inf', int(time), 'BYSCORE', 'LIMIT', 0, ARGV[3])
  for _, channel in ipairs(due) do
    redis.call('ZADD', set, int(time + ARGV[4]), channel)
  end
  return due
elseif verb == 'put_off' then
  return redis.call('ZADD', set, 'XX', int(time + ARGV[4]), member)
elseif verb == 'remove' then
  return redis.call('ZREM', set, member)
else
  local since = redis.call('ZSCORE', set, member)
  if since and since + ARGV[4] < time then
    return redis.call('ZREM', set, member)
  end
  return 0
end
