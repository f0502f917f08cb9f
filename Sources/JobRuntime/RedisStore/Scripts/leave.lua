-- Removes a consumer that holds nothing from streams (a queue's, or that of the events), and with it the one that keeps
-- what is handed back. Where one has entries pending it stays: deleting it would throw them away (I4).
--
-- KEYS[1…n] the streams
-- KEYS[n+1] heartbeat of a worker whose consumer may only go if it is dead; not given for one that leaves by itself
-- ARGV[1]   group
-- ARGV[2]   consumer
-- ARGV[3]   n
-- Returns   how many streams the consumer was removed from
local heartbeat = KEYS[ARGV[3] + 1]
if heartbeat and redis.call('EXISTS', heartbeat) == 1 then return 0 end

local function remove(stream, consumer)
    local pending = redis.pcall('XPENDING', stream, ARGV[1], '-', '+', 1, consumer)
    if pending.err or #pending > 0 then return 0 end
    redis.call('XGROUP', 'DELCONSUMER', stream, ARGV[1], consumer)
    return 1
end

local left = 0
for i = 1, tonumber(ARGV[3]) do
    left = left + remove(KEYS[i], ARGV[2])
    remove(KEYS[i], '__released__')
end
return left
