-- Makes the group of a stream, from its beginning: whatever was written before the first reader came is read.
--
-- KEYS[1]   stream
-- ARGV[1]   group
-- Returns   OK
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
if made.err and not made.err:find('BUSYGROUP', 1, true) then return made end
return redis.status_reply('OK')
