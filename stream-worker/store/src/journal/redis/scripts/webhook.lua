-- Claims a job's webhook, and moves its cursor under a claim. In the record: `hp` the last event that was delivered (absent once
-- the webhook is done, or if there is none), `ht` the last event of the post that has begun, `hf` failures in a row, `hs` since
-- when, `hd` the earliest time of the next post, `hn` the number of the last claim.
--
-- KEYS: record
-- ARGV: time offset, then one of
--   claim
--   use, number of the claim
--   delivered, number, event ID
--   begun, number, event ID
--   failed, number, milliseconds until the next post
--   done, number
--   release, number
-- Answers one of
--   none    the webhook is done, or there is no record
--   lost    another has claimed it
--   ok, number of the claim, milliseconds until the next post is due, hp, ht, hf, hs, hd, the server's time

local verb, number, value = ARGV[2], ARGV[3], ARGV[4]
local time = now(ARGV[1])
local pending, last = unpack(redis.call('HMGET', record, 'hp', 'hn'))

if verb ~= 'claim' and number ~= (last or '0') then
  return {'lost'}
end
if not pending then
  return {'none'}
end
if verb == 'claim' or verb == 'release' then
  -- A claim that is given back is fenced as one that another has taken.
  number = int(redis.call('HINCRBY', record, 'hn', 1))
elseif verb == 'delivered' then
  redis.call('HDEL', record, 'ht', 'hf', 'hs', 'hd')
  redis.call('HSET', record, 'hp', value)
elseif verb == 'begun' then
  redis.call('HSET', record, 'ht', value)
elseif verb == 'failed' then
  redis.call('HINCRBY', record, 'hf', 1)
  redis.call('HSETNX', record, 'hs', int(time))
  redis.call('HSET', record, 'hd', int(time + value))
elseif verb == 'done' then
  redis.call('HDEL', record, 'hp', 'ht', 'hf', 'hs', 'hd')
  return {'none'}
end

local cursor = redis.call('HMGET', record, 'hp', 'ht', 'hf', 'hs', 'hd')
local wait = math.max((cursor[5] or 0) - time, 0)
return {'ok', number, int(wait), cursor[1], cursor[2], cursor[3], cursor[4], cursor[5], int(time)}
