-- Moves due jobs from a delayed set back to their streams: each retry is again a job in the group (I1, I6).
--
-- KEYS[1]   delayed set
-- KEYS[2…4] the queue's streams: high, normal, low
-- KEYS[5]   dead letters of the queue
-- KEYS[6]   event stream
-- KEYS[7]   tail
-- KEYS[8…]  the record of each job, in order
-- ARGV[1]   group
-- ARGV[2]   name of the queue
-- ARGV[3]   '1': tracked; an untracked job's record goes when its fields are in the stream again
-- ARGV[4]   '1': events are kept
-- ARGV[5]   how many jobs may wait in the streams: as long as more do, only ARGV[6] are moved, so that a flood of due
--           jobs does not stand before those that are enqueued now
-- ARGV[6]   how many are moved all the same
-- ARGV[7…]  the ids of the jobs, in order
-- Returns   how many were moved; a job that is not due, or that another worker has moved, is left alone;
--           one whose record somebody deleted counts as moved: it is a dead letter, `lost`, since nothing is left of it
local at = tonumber(now())
local streams = { high = KEYS[2], normal = KEYS[3], low = KEYS[4] }

local waiting = 0
for i = 2, 4 do
    local length = redis.call('XLEN', KEYS[i])
    if length > 0 then
        local pending = redis.pcall('XPENDING', KEYS[i], ARGV[1])
        waiting = waiting + length - (pending.err and 0 or pending[1])
    end
end
local room = math.max(tonumber(ARGV[5]) - waiting, tonumber(ARGV[6]))

local moved = 0
for i = 7, #ARGV do
    if moved >= room then break end
    local id, record = ARGV[i], KEYS[i + 1]
    local due = redis.call('ZSCORE', KEYS[1], id)
    if due and tonumber(due) <= at then
        local job = redis.call('HMGET', record, 'kind', 'attempt', 'at', 'payload', 'meta', 'lane', 'start')
        if job[1] and job[2] and job[3] and job[4] and job[5] then
            local entry = redis.call('XADD', streams[job[6] or 'normal'] or KEYS[3], '*',
                'id', id, 'kind', job[1], 'attempt', job[2], 'at', job[7] or job[3], 'payload', job[4], 'meta', job[5])
            if ARGV[3] == '1' then
                redis.call('HSET', record, 'state', 'queued', 'entry', entry)
            else
                redis.call('DEL', record)
            end
        else
            local died = string.format('%.0f', at)
            redis.call('XADD', KEYS[5], '*', 'id', id, 'reason', 'lost', 'error', 'its record was deleted',
                'died_at', died)
            local tell = ARGV[3] == '1' and teller(KEYS[6], KEYS[7], ARGV[4])
            if tell then
                tell({ 'type', 'dead', 'id', id, 'queue', ARGV[2], 'attempt', job[2] or '0', 'at', died,
                    'reason', 'lost', 'error', 'its record was deleted' })
            end
        end
        redis.call('ZREM', KEYS[1], id)
        moved = moved + 1
    end
end
return moved
