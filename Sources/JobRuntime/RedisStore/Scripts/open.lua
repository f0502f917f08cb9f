-- Makes a queue known by its name, and the groups of its streams, from their beginning: whatever was queued before the
-- first worker came is read.
--
-- KEYS[1…3] the queue's streams: high, normal, low
-- KEYS[4]   the queues: name → tracked or untracked
-- ARGV[1]   group
-- ARGV[2]   name of the queue
-- ARGV[3]   'tracked' or 'untracked'
-- Returns   OK
for i = 1, 3 do
    local made = redis.pcall('XGROUP', 'CREATE', KEYS[i], ARGV[1], '0', 'MKSTREAM')
    if made.err and not made.err:find('BUSYGROUP', 1, true) then return made end
end
redis.call('HSET', KEYS[4], ARGV[2], ARGV[3])
return redis.status_reply('OK')
