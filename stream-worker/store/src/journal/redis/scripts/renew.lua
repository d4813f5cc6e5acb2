-- Extends a lease, and puts off the expiry of the channel's keys: what nobody ends or takes up goes by itself.
--
-- KEYS: record, job, log, whole, todo
-- ARGV: time offset, attempt, lease in ms, expiry of a live channel's keys in ms
-- Answers one of
--   lost
--   ok, ctl

local holder, stage, till, ctl = unpack(redis.call('HMGET', record, 'attempt', 'stage', 'until', 'ctl'))
if holder ~= ARGV[2] or stage ~= 'live' or not till then
  return {'lost'}
end
redis.call('HSET', record, 'until', int(now(ARGV[1]) + ARGV[3]))
for _, key in ipairs(KEYS) do
  redis.call('PEXPIRE', key, ARGV[4])
end
return {'ok', ctl}
