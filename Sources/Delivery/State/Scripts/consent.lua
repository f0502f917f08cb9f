-- Takes in what the owner of an address wants, in whatever order and however often it is told: the latest word counts,
-- and is told to the ledger in the same step (I5).
--
-- KEYS[1]   suppressions of the kind: address → JSON
-- KEYS[2]   when the owner last said anything, Unix milliseconds
-- KEYS[3]   event stream
-- ARGV[1]   '1': events are kept
-- ARGV[2]   kind
-- ARGV[3]   address
-- ARGV[4]   the suppression as JSON; '' when messages may be sent again
-- ARGV[5]   when it was said, Unix milliseconds
-- Returns   1: it counts; 0: something later was said
local address, suppression, said = ARGV[3], ARGV[4], ARGV[5]
local last = redis.call('GET', KEYS[2])
-- Said at one time, a no outweighs a yes.
if last and (tonumber(last) > tonumber(said) or tonumber(last) == tonumber(said) and suppression == '') then
    return 0
end
local is_news = last ~= said
-- Longer than any vendor repeats a callback.
redis.call('SET', KEYS[2], said, 'PX', 7 * 86400000)
if suppression ~= '' then
    is_news = redis.call('HSETNX', KEYS[1], address, suppression) == 1 or is_news
else
    -- What the owner did not ask for is not theirs to take back: a mailbox that is not there, a person's decision.
    local found = redis.call('HGET', KEYS[1], address)
    for _, reason in ipairs({ 'stop', 'opted_out', 'unsubscribed' }) do
        if found and found:find('"reason":"' .. reason .. '"', 1, true) then redis.call('HDEL', KEYS[1], address) end
    end
end
if is_news then tell(KEYS[1], KEYS[3], ARGV[1], ARGV[2], address, said) end
return 1
