-- Moves due jobs from a delayed set back to their stream: each retry is again a job in the group (I1, I6).
--
-- KEYS[1]   delayed set
-- KEYS[2]   stream of the queue
-- KEYS[3…]  the record of each job, in order
-- ARGV[1…]  the ids of the jobs
-- Returns   how many were moved; a job that is not due, or that another worker has moved, is left alone,
--           and so is one whose record somebody deleted: it stays in the set, to be seen
local at = tonumber(now())
local moved = 0
for i = 1, #ARGV do
    local due = redis.call('ZSCORE', KEYS[1], ARGV[i])
    if due and tonumber(due) <= at then
        local record = KEYS[i + 2]
        local job = redis.call('HMGET', record, 'kind', 'attempt', 'at', 'payload', 'meta')
        if job[1] and job[4] then
            local entry = redis.call('XADD', KEYS[2], '*',
                'id', ARGV[i], 'kind', job[1], 'attempt', job[2], 'at', job[3], 'payload', job[4], 'meta', job[5])
            redis.call('HSET', record, 'state', 'queued', 'entry', entry)
            redis.call('ZREM', KEYS[1], ARGV[i])
            moved = moved + 1
        end
    end
end
return moved
