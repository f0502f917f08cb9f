-- Puts dead letters back into their queue, as first attempts.
--
-- KEYS[1]   dead letters of the queue
-- KEYS[2…4] the queue's streams: high, normal, low
-- KEYS[5]   event stream
-- KEYS[6]   tail
-- KEYS[7…]  the record of each job, in order; one that is not of this letter is left alone
-- ARGV[1]   name of the queue
-- ARGV[2]   '1': events are kept
-- ARGV[3…]  per letter: its entry, lane, and the job's id, kind, at, payload, meta
-- Returns   per letter: 1 redriven, 0 it was no longer there, or there is no job left of it
local at = now()
local tell = teller(KEYS[5], KEYS[6], ARGV[2])
local answers = {}
for i = 3, #ARGV, 7 do
    local n = #answers + 1
    local is_job = ARGV[i + 2] ~= '' and ARGV[i + 3] ~= ''
    answers[n] = is_job and redis.call('XDEL', KEYS[1], ARGV[i]) or 0
    if answers[n] == 1 then
        local lane, id = ARGV[i + 1], ARGV[i + 2]
        local entry = redis.call('XADD', KEYS[lane == 'high' and 2 or lane == 'low' and 4 or 3], '*', 'id', id,
            'kind', ARGV[i + 3], 'attempt', '1', 'at', ARGV[i + 4], 'payload', ARGV[i + 5], 'meta', ARGV[i + 6])
        local record = KEYS[6 + n]
        if redis.call('HGET', record, 'entry') == ARGV[i] then
            redis.call('HSET', record, 'state', 'queued', 'entry', entry, 'attempt', '1')
            redis.call('HDEL', record, 'reason', 'error', 'settled', 'elapsed', 'consumer', 'deliveries', 'due', 'lane')
            if lane ~= 'normal' then redis.call('HSET', record, 'lane', lane) end
            if tell then tell({ 'type', 'redriven', 'id', id, 'queue', ARGV[1], 'attempt', '1', 'at', at }) end
        end
    end
end
return answers
