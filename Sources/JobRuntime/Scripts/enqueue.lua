-- Puts jobs into one queue: stream entry, record and event of each in one step (I1, I5).
--
-- KEYS[1]   stream of the queue
-- KEYS[2]   event stream
-- KEYS[3…]  the record of each job, in order; none for an untracked queue
-- ARGV[1]   name of the queue
-- ARGV[2]   '1': tracked
-- ARGV[3]   '1': events are kept; then the event carries the payload, else the record does
-- ARGV[4]   '1': this call may be a repetition of one that was cut off; jobs that have a record are left alone
-- ARGV[5…]  per job: id, kind, payload, meta
-- Returns   Unix milliseconds of the enqueue
local at = now()
local tracked, events, again = ARGV[2] == '1', ARGV[3] == '1', ARGV[4] == '1'
local record = 2
for i = 5, #ARGV, 4 do
    local id, kind, payload, meta = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
    record = record + 1
    if not (again and tracked and redis.call('EXISTS', KEYS[record]) == 1) then
        local entry = redis.call('XADD', KEYS[1], '*',
            'id', id, 'kind', kind, 'attempt', '1', 'at', at, 'payload', payload, 'meta', meta)
        if tracked and events then
            redis.call('HSET', KEYS[record],
                'state', 'queued', 'queue', ARGV[1], 'entry', entry, 'attempt', '1', 'at', at, 'kind', kind)
            redis.call('XADD', KEYS[2], '*',
                'type', 'accepted', 'id', id, 'queue', ARGV[1], 'kind', kind, 'attempt', '1', 'at', at,
                'data', payload)
        elseif tracked then
            redis.call('HSET', KEYS[record],
                'state', 'queued', 'queue', ARGV[1], 'entry', entry, 'attempt', '1', 'at', at, 'kind', kind,
                'payload', payload)
        end
    end
end
return at
