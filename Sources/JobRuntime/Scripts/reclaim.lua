-- Takes over entries whose lease has run out, with the delivery count that the fence will ask for.
--
-- KEYS[1]   stream of the queue
-- ARGV[1]   group
-- ARGV[2]   consumer
-- ARGV[3]   lease in milliseconds: idle for as long or longer is taken
-- ARGV[4]   cursor: where the last call ended; from the start each time, the tail would never be reached
-- ARGV[5]   how many at most
-- Returns   { cursor, entries as XREADGROUP gives them, delivery count of each, ids whose payload was deleted }
local claimed = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], 'COUNT', ARGV[5])
local deliveries = {}
for i, entry in ipairs(claimed[2]) do
    deliveries[i] = redis.call('XPENDING', KEYS[1], ARGV[1], entry[1], entry[1], 1)[1][4]
end
return { claimed[1], claimed[2], deliveries, claimed[3] or {} }
