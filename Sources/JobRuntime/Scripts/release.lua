-- Hands entries back: takable at once by any worker, with the delivery count as if this delivery had never been (I3).
-- XCLAIM to a consumer that nobody is, idle for longer than any lease, is how Redis 7.0 can do it.
--
-- KEYS[1]   stream of the queue
-- ARGV[1]   group
-- ARGV[2]   consumer
-- ARGV[3…]  per entry, ascending: entry, deliveries
-- Returns   how many were handed back
local entries, deliveries = {}, {}
for i = 3, #ARGV, 2 do
    entries[#entries + 1], deliveries[#deliveries + 1] = ARGV[i], ARGV[i + 1]
end
local is_held = held(KEYS[1], ARGV[1], ARGV[2], entries, deliveries)
local released = 0
for i = 1, #entries do
    if is_held[i] then
        redis.call('XCLAIM', KEYS[1], ARGV[1], '__released__', 0, entries[i],
            'IDLE', 86400000, 'RETRYCOUNT', tonumber(deliveries[i]) - 1, 'JUSTID')
        released = released + 1
    end
end
return released
