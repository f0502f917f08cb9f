-- Puts jobs back into their queue that are nowhere: Redis has lost them, or somebody has deleted them (I1). One that is
-- somewhere, or has ended, is left alone.
--
-- KEYS[1…6] as whereabouts.lua wants them
-- KEYS[7]   event stream
-- KEYS[8]   tail
-- KEYS[9…]  per job, in order: its record, and its idempotency key, or any key where it has none
-- ARGV[1]   name of the queue, a tracked one
-- ARGV[2]   group
-- ARGV[3]   '1': events are kept
-- ARGV[4…]  per job: id, lane, kind, attempt, at, start ('' now, else Unix milliseconds), payload, meta, life and
--           fingerprint as enqueue.lua wants them of its idempotency key ('' and '': none)
-- Returns   per job: 'restored' and ''; 'repeated' and the job that has its idempotency key; else its place and state
--           (whereabouts.lua)
local at, queue = now(), ARGV[1]
local tell = teller(KEYS[7], KEYS[8], ARGV[3])
local unfinished = { queued = true, scheduled = true, retrying = true, snoozed = true, parked = true }

local function restore(record, id, lane, kind, attempt, enqueued, start, payload, meta)
    -- What others have said of it stays.
    redis.call('HDEL', record, 'entry', 'lane', 'due', 'start', 'reason', 'error', 'settled', 'elapsed', 'consumer',
        'deliveries', 'untracked')
    redis.call('HSET', record, 'queue', queue, 'attempt', attempt, 'at', enqueued, 'kind', kind, 'payload', payload,
        'meta', meta)
    if lane ~= 'normal' then redis.call('HSET', record, 'lane', lane) end
    local event = { 'type', 'restored', 'id', id, 'queue', queue, 'kind', kind, 'attempt', attempt, 'at', at,
        'lane', lane }
    if start ~= '' and tonumber(start) > tonumber(at) then
        redis.call('ZADD', KEYS[5], start, id)
        redis.call('HSET', record, 'state', 'scheduled', 'due', start, 'start', start)
        event[#event + 1], event[#event + 2] = 'due', start
    else
        -- The entry of a job that was enqueued for later says when it was due; its record says when it was enqueued.
        local entry = redis.call('XADD', KEYS[lane == 'high' and 1 or lane == 'low' and 3 or 2], '*', 'id', id,
            'kind', kind, 'attempt', attempt, 'at', start ~= '' and start or enqueued, 'payload', payload, 'meta', meta)
        redis.call('HSET', record, 'state', 'queued', 'entry', entry)
    end
    if tell then tell(event, payload) end
end

-- The job that the idempotency key is held by, when that is another; else the key is the job's own from now on.
local function claimed(key, id, enqueued, life, fingerprint)
    if life == '' then return end
    local said = redis.call('GET', key)
    if said then
        local job = said:match('^%S+')
        return job ~= id and job
    end
    redis.call('SET', key, id .. ' ' .. enqueued .. ' ' .. fingerprint, 'PX', life)
end

local answers = {}
for i = 4, #ARGV, 10 do
    local place_of_keys = 9 + (i - 4) / 5
    local id, record = ARGV[i], KEYS[place_of_keys]
    local place, state = whereabouts(id, record, queue, ARGV[2])
    if place == 'absent' or place == 'lost' and unfinished[state] then
        local other = claimed(KEYS[place_of_keys + 1], id, ARGV[i + 4], ARGV[i + 8], ARGV[i + 9])
        if other then
            place, state = 'repeated', other
        else
            restore(record, unpack(ARGV, i, i + 7))
            place, state = 'restored', ''
        end
    end
    answers[#answers + 1], answers[#answers + 2] = place, state
end
return answers
