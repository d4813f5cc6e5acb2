-- Shows events to readers once replicas have them. `shown` in the record is the last event that readers may have; absent if that
-- is the head.
--
-- KEYS: record, log
-- ARGV: time offset, then one of
--   touch        writes without a change, so that replicas who have this write have everything before it
--   show, event  shows everything up to this event
-- Answers one of
--   none        there is no record, or the event is not in the log
--   ok, head

local log, verb, id = KEYS[2], ARGV[2], ARGV[3]
local stage, head, shown = unpack(redis.call('HMGET', record, 'stage', 'head', 'shown'))

if not head then
  return {'none'}
end
if verb == 'touch' then
  redis.call('HSET', record, 'head', head)
  return {'ok', head}
end
-- A server that was promoted meanwhile may lack it.
if #redis.call('XRANGE', log, id, id) == 0 then
  return {'none'}
end
if shown and position_of(shown) < position_of(id) then
  if id == head then
    redis.call('HDEL', record, 'shown')
  else
    redis.call('HSET', record, 'shown', id)
  end
  publish('h ' .. id .. (id == head and is_terminal(stage) and ' e' or ''))
end
return {'ok', head}
