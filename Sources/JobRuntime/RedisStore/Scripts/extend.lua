-- Renews the lease of entries in flight without counting a delivery; never of an entry that another worker has (I3).
--
-- KEYS[1]   stream of the queue
-- ARGV[1]   group
-- ARGV[2]   consumer
-- ARGV[3…]  per entry, ascending: entry, deliveries
-- Returns   per entry: 1 extended, 0 lost
local entries, deliveries = {}, {}
for i = 3, #ARGV, 2 do
    entries[#entries + 1], deliveries[#deliveries + 1] = ARGV[i], ARGV[i + 1]
end
local is_held = held(KEYS[1], ARGV[1], ARGV[2], entries, deliveries)
local kept, answers = {}, {}
for i = 1, #entries do
    answers[i] = is_held[i] and 1 or 0
    if is_held[i] then kept[#kept + 1] = entries[i] end
end
if #kept > 0 then
    kept[#kept + 1] = 'JUSTID'
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, unpack(kept))
end
return answers
