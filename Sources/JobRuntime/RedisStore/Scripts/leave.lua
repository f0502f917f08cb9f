-- Removes a consumer that holds nothing from a queue's streams, and with it the one that keeps what is handed back.
-- Where one has entries pending it stays: deleting it would throw them away (I4).
--
-- KEYS[1…3] the queue's streams: high, normal, low
-- KEYS[4]   heartbeat of a worker whose consumer may only go if it is dead; not given for one that leaves by itself
-- ARGV[1]   group
-- ARGV[2]   consumer
-- Returns   how many streams the consumer was removed from
if KEYS[4] and redis.call('EXISTS', KEYS[4]) == 1 then return 0 end

local function remove(stream, consumer)
    local pending = redis.pcall('XPENDING', stream, ARGV[1], '-', '+', 1, consumer)
    if pending.err or #pending > 0 then return 0 end
    redis.call('XGROUP', 'DELCONSUMER', stream, ARGV[1], consumer)
    return 1
end

local left = 0
for i = 1, 3 do
    left = left + remove(KEYS[i], ARGV[2])
    remove(KEYS[i], '__released__')
end
return left
