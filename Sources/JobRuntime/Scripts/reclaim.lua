-- Takes over what other workers left: entries that were handed back, and entries whose lease has run out; with the
-- delivery count that the fence will ask for.
--
-- KEYS[1]   stream of the queue
-- ARGV[1]   group
-- ARGV[2]   consumer
-- ARGV[3]   lease in milliseconds: idle for as long or longer is taken
-- ARGV[4]   cursor: where the last scan of the pending list ended (from the start each time, the tail would never be
--           reached); empty: no scan, only what was handed back, which costs next to nothing
-- ARGV[5]   how many at most
-- Returns   { cursor, entries as XREADGROUP gives them, delivery count of each, ids whose payload was deleted }
local stream, group, consumer, most = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[5])
local cursor, entries, deleted = ARGV[4], {}, {}

local released = redis.call('XPENDING', stream, group, '-', '+', most, '__released__')
if #released > 0 then
    local ids = {}
    for i, row in ipairs(released) do ids[i] = row[1] end
    entries = redis.call('XCLAIM', stream, group, consumer, 0, unpack(ids))
end
if cursor ~= '' and #entries < most then
    local claimed = redis.call('XAUTOCLAIM', stream, group, consumer, ARGV[3], cursor, 'COUNT', most - #entries)
    cursor, deleted = claimed[1], claimed[3]
    for _, entry in ipairs(claimed[2]) do entries[#entries + 1] = entry end
end

local deliveries = {}
for i, entry in ipairs(entries) do
    deliveries[i] = redis.call('XPENDING', stream, group, entry[1], entry[1], 1)[1][4]
end
return { cursor, entries, deliveries, deleted }
