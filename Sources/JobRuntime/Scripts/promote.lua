-- Moves due jobs from a delayed set back to their stream: each retry is again a job in the group (I1, I6).
--
-- KEYS[1]   delayed set
-- KEYS[2]   stream of the queue
-- KEYS[3]   dead letters of the queue
-- KEYS[4…]  the record of each job, in order
-- ARGV[1]   '1': tracked; an untracked job's record goes when its fields are in the stream again
-- ARGV[2…]  the ids of the jobs
-- Returns   how many were moved; a job that is not due, or that another worker has moved, is left alone;
--           one whose record somebody deleted counts as moved: it is a dead letter, `lost`, since nothing is left of it
local at = tonumber(now())
local moved = 0
for i = 2, #ARGV do
    local due = redis.call('ZSCORE', KEYS[1], ARGV[i])
    if due and tonumber(due) <= at then
        local record = KEYS[i + 2]
        local job = redis.call('HMGET', record, 'kind', 'attempt', 'at', 'payload', 'meta')
        if job[1] and job[2] and job[3] and job[4] and job[5] then
            local entry = redis.call('XADD', KEYS[2], '*',
                'id', ARGV[i], 'kind', job[1], 'attempt', job[2], 'at', job[3], 'payload', job[4], 'meta', job[5])
            if ARGV[1] == '1' then
                redis.call('HSET', record, 'state', 'queued', 'entry', entry)
            else
                redis.call('DEL', record)
            end
        else
            redis.call('XADD', KEYS[3], '*', 'id', ARGV[i], 'reason', 'lost', 'error', 'its record was deleted',
                'died_at', string.format('%.0f', at))
        end
        redis.call('ZREM', KEYS[1], ARGV[i])
        moved = moved + 1
    end
end
return moved
