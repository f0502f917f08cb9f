-- Takes over what other workers left in a queue's streams: entries that were handed back, and entries whose lease has
-- run out; with the delivery count that the fence will ask for.
--
-- KEYS[1…3] the queue's streams: high, normal, low
-- KEYS[4]   the names of paused queues
-- ARGV[1]   group
-- ARGV[2]   consumer
-- ARGV[3]   name of the queue
-- ARGV[4]   lease in milliseconds: idle for as long or longer is taken
-- ARGV[5]   how many at most
-- ARGV[6…8] cursor of each stream: where the last scan of its pending list ended (from the start each time, the tail
--           would never be reached); empty: no scan, only what was handed back, which costs next to nothing
-- Returns   empty when the queue is paused; else, per stream:
--           { cursor, entries as XREADGROUP gives them, delivery count of each, ids whose payload was deleted }
if redis.call('SISMEMBER', KEYS[4], ARGV[3]) == 1 then return {} end
local group, consumer, most = ARGV[1], ARGV[2], tonumber(ARGV[5])
-- Should a group be missing, that is said before anything is taken.
for i = 1, 3 do redis.call('XPENDING', KEYS[i], group, '-', '+', 1) end

local function reclaim(stream, cursor)
    local entries, deleted = {}, {}
    local released = most > 0 and redis.call('XPENDING', stream, group, '-', '+', most, '__released__') or {}
    if #released > 0 then
        local ids = {}
        for i, row in ipairs(released) do ids[i] = row[1] end
        entries = redis.call('XCLAIM', stream, group, consumer, 0, unpack(ids))
        local taken = {}
        for _, entry in ipairs(entries) do taken[entry[1]] = true end
        for _, id in ipairs(ids) do
            if not taken[id] then deleted[#deleted + 1] = id end
        end
    end
    if cursor ~= '' and #entries < most then
        local claimed = redis.call('XAUTOCLAIM', stream, group, consumer, ARGV[4], cursor, 'COUNT', most - #entries)
        cursor = claimed[1]
        for _, id in ipairs(claimed[3]) do deleted[#deleted + 1] = id end
        for _, entry in ipairs(claimed[2]) do entries[#entries + 1] = entry end
    end
    local deliveries = {}
    for i, entry in ipairs(entries) do
        deliveries[i] = redis.call('XPENDING', stream, group, entry[1], entry[1], 1)[1][4]
    end
    most = most - #entries
    return { cursor, entries, deliveries, deleted }
end

return { reclaim(KEYS[1], ARGV[6]), reclaim(KEYS[2], ARGV[7]), reclaim(KEYS[3], ARGV[8]) }
