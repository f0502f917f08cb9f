-- Finds out whether jobs would be taken now. It writes, so that a replica, a server that cannot write its files and one
-- at maxmemory answer with the error that an enqueue would get.
--
-- KEYS[1]   written for a moment, by this script alone
-- KEYS[2]   event stream
-- KEYS[3]   memory: what was last found of the server's memory
-- KEYS[4…]  per queue: its streams, high, normal, low
-- ARGV[1]   milliseconds that the first key stands
-- ARGV[2…]  per queue its marks, '' for none: entries, memory, events that wait for the ledger
-- Returns   per queue why it takes no more, '' when it does
redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
local reasons, behind = {}, redis.call('XLEN', KEYS[2])
for i = 2, #ARGV, 3 do
    reasons[#reasons + 1] = too_much_memory(KEYS[3], ARGV[i + 1]) or too_far_behind(behind, ARGV[i + 2])
        or too_deep(depth_of(i + 2), ARGV[i]) or ''
end
return reasons
