-- Shows that somebody watches: as long as the tail is there, scripts write events to it (events.lua). It is empty at
-- first, and goes by itself when nobody renews it any more.
--
-- KEYS[1]   tail
-- ARGV[1]   milliseconds that it stands
-- Returns   the id of the last event so far
if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('XADD', KEYS[1], 'MAXLEN', 0, '*', 'type', 'watched')
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local fields = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #fields, 2 do
    if fields[i] == 'last-generated-id' then return fields[i + 1] end
end
