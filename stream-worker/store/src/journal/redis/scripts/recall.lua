-- Reads rows of a log, and of each only what tells its events with the fewest bytes: the gist where there is one.
--
-- KEYS: record, log
-- ARGV: time offset, ID after which to read, rows at most
-- Answers the rows as XRANGE does.

local rows = redis.call('XRANGE', KEYS[2], '(' .. ARGV[2], '+', 'COUNT', ARGV[3])
for _, row in ipairs(rows) do
  local fields = row[2]
  if fields[3] == 'g' then
    row[2] = {'g', fields[4]}
  end
end
return rows
