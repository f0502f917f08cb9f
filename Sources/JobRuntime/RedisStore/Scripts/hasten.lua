-- Brings a job forward that waits for another attempt: the promoter takes it in its next round. No attempt is spent.
--
-- KEYS[1]   record of the job
-- KEYS[2…4] the queue's streams: high, normal, low
-- KEYS[5]   delayed set of the queue's retries
-- ARGV[1]   id
-- ARGV[2]   name of the queue, as its record has it
-- ARGV[3]   group
-- Returns   { what } and nothing done, but for 'hastened':
--             hastened   it is due now
--             queued     it waits for a worker, or has been due already
--             running    a worker has it
--             scheduled  it waits for its own start
--             in_doubt   an earlier attempt may have had its effect: it is held, or waits for what will tell
--             dead       and the entry of its dead letter
--             ended      and the state of its record
--             ''         nothing is known of it, or it is not where its record says
local job = redis.call('HMGET', KEYS[1], 'state', 'queue', 'entry', 'lane', 'dropped', 'meta')
local state, entry = job[1], job[3]
if not state or job[2] ~= ARGV[2] then return { '' } end
if state == 'queued' then
    local stream = KEYS[job[4] == 'high' and 2 or job[4] == 'low' and 4 or 3]
    local pending = redis.pcall('XPENDING', stream, ARGV[3], entry, entry, 1)
    local is_held = not pending.err and #pending > 0 and pending[1][2] ~= '__released__'
    return { is_held and 'running' or 'queued' }
elseif state == 'scheduled' then
    return { 'scheduled' }
elseif state == 'retrying' or state == 'snoozed' or state == 'parked' then
    if job[6] and job[6]:find('"in_doubt":true', 1, true) then return { 'in_doubt' } end
    local due, at = redis.call('ZSCORE', KEYS[5], ARGV[1]), now()
    if not due then return { '' } end
    if tonumber(due) <= tonumber(at) then return { 'queued' } end
    redis.call('ZADD', KEYS[5], at, ARGV[1])
    redis.call('HSET', KEYS[1], 'due', at)
    return { 'hastened' }
elseif (state == 'dead' or state == 'unknown') and not job[5] then
    if state == 'unknown' then return { 'in_doubt' } end
    return { 'dead', entry }
end
return { 'ended', state }
