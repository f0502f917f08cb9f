-- Puts jobs into one queue: stream entry, record and event of each in one step (I1, I5).
--
-- KEYS[1]   stream of the queue
-- KEYS[2]   event stream
-- KEYS[3…]  the record of each job, in order; none for an untracked queue
-- ARGV[1]   name of the queue
-- ARGV[2]   '1': tracked
-- ARGV[3]   '1': events are kept; then the event carries the payload, else the record does
-- ARGV[4…]  per job: id, kind, payload, meta
-- Returns   Unix milliseconds of the enqueue
--
-- A job that has a record is left alone: the call may repeat one that was cut off, and the one that was cut off may
-- still be on its way and run after its repetition.
local at = now()
local tracked, events = ARGV[2] == '1', ARGV[3] == '1'
local record = 2
for i = 4, #ARGV, 4 do
    local id, kind, payload, meta = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
    record = record + 1
    if not (tracked and redis.call('EXISTS', KEYS[record]) == 1) then
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
