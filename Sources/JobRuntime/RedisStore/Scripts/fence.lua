-- The fence (I3), shared by every script that acts on entries a worker holds: an entry is the worker's only while the
-- pending list names it as owner with the delivery count it was delivered with.
--
-- One XPENDING over the range of a dense batch finds all of it; an entry that lies beyond twice the batch's size
-- (a sparse batch, a worker with many entries in flight) is asked for by itself.
--
-- held(stream, group, consumer, entries, deliveries) -> list of booleans, in order
--   entries     entry ids, ascending
--   deliveries  the delivery count of each, as text; 1 where there is none
local function held(stream, group, consumer, entries, deliveries)
    local n = #entries
    if n == 0 then return {} end
    local counts = {}
    local rows = redis.call('XPENDING', stream, group, entries[1], entries[n], 2 * n, consumer)
    for i = 1, #rows do
        counts[rows[i][1]] = rows[i][4]
    end
    local is_held = {}
    for i = 1, n do
        local count = counts[entries[i]]
        if not count and #rows == 2 * n then
            local row = redis.call('XPENDING', stream, group, entries[i], entries[i], 1, consumer)[1]
            count = row and row[4]
        end
        is_held[i] = count == (deliveries and tonumber(deliveries[i]) or 1)
    end
    return is_held
end
