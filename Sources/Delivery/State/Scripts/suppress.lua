-- Puts an address on the list of suppressions, where it stays for the reason it has, or takes it off; and tells the
-- ledger in the same step (I5).
--
-- KEYS[1]   suppressions of the kind: address → JSON
-- KEYS[2]   event stream
-- ARGV[1]   '1': events are kept
-- ARGV[2]   kind
-- ARGV[3]   address
-- ARGV[4]   the suppression as JSON; '' to take it off
-- Returns   1: the list has changed; 0: it was so before
local changed
if ARGV[4] ~= '' then
    changed = redis.call('HSETNX', KEYS[1], ARGV[3], ARGV[4])
else
    changed = redis.call('HDEL', KEYS[1], ARGV[3])
end
if changed == 1 then tell(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]) end
return changed
