-- Takes away a job that waits: in a stream, not delivered, or in a delayed set.
--
-- KEYS[1]   record of the job
-- KEYS[2…4] the queue's streams: high, normal, low
-- KEYS[5]   delayed set of the queue's retries
-- KEYS[6]   scheduled set of the queue
-- KEYS[7]   event stream
-- KEYS[8]   tail
-- ARGV[1]   id
-- ARGV[2]   name of the queue, as its record has it
-- ARGV[3]   group
-- ARGV[4]   '1': events are kept
-- ARGV[5]   milliseconds that a record stands after the end
-- Returns   'taken'; 'running' when it is delivered and not settled, or in doubt; else the state it has ended in, '' for none
local job = redis.call('HMGET', KEYS[1], 'state', 'entry', 'lane', 'attempt', 'queue', 'untracked', 'meta')
local state, entry = job[1], job[2]
if not state or job[5] ~= ARGV[2] then return '' end
-- It may have had its effect already.
local unfinished = { queued = true, scheduled = true, retrying = true, snoozed = true, parked = true }
if unfinished[state] and job[7] and job[7]:find('"in_doubt":true', 1, true) then return 'running' end
if state == 'queued' then
    local stream = KEYS[job[3] == 'high' and 2 or job[3] == 'low' and 4 or 3]
    local pending = redis.pcall('XPENDING', stream, ARGV[3], entry, entry, 1)
    if not pending.err and #pending > 0 then
        -- Handed back untouched, it waits like any other; else an attempt may have had its effect.
        if pending[1][2] ~= '__released__' or pending[1][4] > 0 then return 'running' end
        redis.call('XACK', stream, ARGV[3], entry)
    end
    redis.call('XDEL', stream, entry)
elseif state == 'scheduled' then
    redis.call('ZREM', KEYS[6], ARGV[1])
elseif state == 'retrying' or state == 'snoozed' or state == 'parked' then
    redis.call('ZREM', KEYS[5], ARGV[1])
else
    return state
end
local at = now()
redis.call('HSET', KEYS[1], 'state', 'canceled', 'settled', at)
redis.call('HDEL', KEYS[1], 'elapsed')
redis.call('PEXPIRE', KEYS[1], ARGV[5])
local tell = teller(KEYS[7], KEYS[8], ARGV[4])
if tell and not job[6] then
    tell({ 'type', 'canceled', 'id', ARGV[1], 'queue', ARGV[2], 'attempt', job[4], 'at', at })
end
return 'taken'
