-- Throws dead letters away, never silently: the record says so as long as it stands, and an event.
--
-- KEYS[1]   dead letters of the queue
-- KEYS[2]   event stream
-- KEYS[3]   tail
-- KEYS[4…]  the record of each job, in order; one that is not of this letter is left alone
-- ARGV[1]   name of the queue
-- ARGV[2]   '1': events are kept
-- ARGV[3]   milliseconds that a record stands after the end
-- ARGV[4…]  per letter: its entry, the job's id, its attempt
-- Returns   per letter: 1 dropped, 0 it was no longer there
local at = now()
local tell = teller(KEYS[2], KEYS[3], ARGV[2])
local answers = {}
for i = 4, #ARGV, 3 do
    local n = #answers + 1
    answers[n] = redis.call('XDEL', KEYS[1], ARGV[i])
    local record = KEYS[3 + n]
    if answers[n] == 1 and redis.call('HGET', record, 'entry') == ARGV[i] then
        redis.call('HSET', record, 'dropped', at)
        redis.call('PEXPIRE', record, ARGV[3])
        if tell then
            tell({ 'type', 'dropped', 'id', ARGV[i + 1], 'queue', ARGV[1], 'attempt', ARGV[i + 2], 'at', at })
        end
    end
end
return answers
