-- Gives a lease back, so that another attempt can begin at once. Doing so twice, or after the end, is no error. An attempt that
-- gives its lease back is not counted among those that got no further.
--
-- KEYS: record
-- ARGV: time offset, attempt
-- Answers lost or ok

local holder, till, fruitless = unpack(redis.call('HMGET', record, 'attempt', 'until', 'fruitless'))
if holder ~= ARGV[2] then
  return {'lost'}
end
if till then
  redis.call('HDEL', record, 'until')
  redis.call('HSET', record, 'fruitless', int(math.max(fruitless - 1, 0)))
end
return {'ok'}
