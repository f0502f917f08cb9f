-- Takes in what the owner of an address wants, in whatever order and however often it is told: the latest word counts.
--
-- KEYS[1]   suppressions of the kind: address → JSON
-- KEYS[2]   when the owner last said anything, Unix milliseconds
-- ARGV[1]   address
-- ARGV[2]   when it was said, Unix milliseconds
-- ARGV[3]   the suppression as JSON; '' when messages may be sent again
-- Returns   1: it counts; 0: something later was said
local last = redis.call('GET', KEYS[2])
-- Said at one time, a no outweighs a yes.
if last and (tonumber(last) > tonumber(ARGV[2]) or tonumber(last) == tonumber(ARGV[2]) and ARGV[3] == '') then
    return 0
end
-- Longer than any vendor repeats a callback.
redis.call('SET', KEYS[2], ARGV[2], 'PX', 7 * 86400000)
if ARGV[3] ~= '' then
    redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[3])
    return 1
end
-- What the owner did not ask for is not theirs to take back: a mailbox that is not there, a person's decision.
local found = redis.call('HGET', KEYS[1], ARGV[1])
for _, reason in ipairs({ 'stop', 'opted_out', 'unsubscribed' }) do
    if found and found:find('"reason":"' .. reason .. '"', 1, true) then redis.call('HDEL', KEYS[1], ARGV[1]) end
end
return 1
