-- Where a job is: by its record, and by a look at the place that the record names.
--
-- KEYS[1…3] the queue's streams: high, normal, low
-- KEYS[4]   delayed set of the queue's retries
-- KEYS[5]   scheduled set of the queue
-- KEYS[6]   dead letters of the queue
--
-- whereabouts(id, record, queue, group) -> place, state
--   place   absent     there is no record
--           elsewhere  its record is of another queue, which stands in the place of the state
--           waiting    in its stream, not delivered, or handed back
--           running    in the pending list; its worker may end it yet, even if somebody has deleted the entry
--           delayed    in the set of its state
--           dead       among the dead letters
--           dropped    it was, and somebody has dropped it
--           finished   nothing is left of it but its record
--           lost       it is not where its record says
--   state   as the record has it
local function whereabouts(id, record, queue, group)
    local job = redis.call('HMGET', record, 'state', 'queue', 'entry', 'lane', 'dropped')
    local state, entry = job[1], job[3] or ''
    if not state then return 'absent', '' end
    if job[2] ~= queue then return 'elsewhere', job[2] or '' end

    -- What somebody else wrote into the record is no entry: then there is none.
    local function stands_in(stream)
        local found = redis.pcall('XRANGE', stream, entry, entry)
        return not found.err and #found > 0
    end

    if state == 'queued' then
        local stream = KEYS[job[4] == 'high' and 1 or job[4] == 'low' and 3 or 2]
        local pending = redis.pcall('XPENDING', stream, group, entry, entry, 1)
        local row = not pending.err and pending[1]
        if row and row[2] ~= '__released__' then return 'running', state end
        return stands_in(stream) and 'waiting' or 'lost', state
    elseif state == 'scheduled' then
        return redis.call('ZSCORE', KEYS[5], id) and 'delayed' or 'lost', state
    elseif state == 'retrying' or state == 'snoozed' or state == 'parked' then
        return redis.call('ZSCORE', KEYS[4], id) and 'delayed' or 'lost', state
    elseif state == 'dead' or state == 'unknown' then
        if job[5] then return 'dropped', state end
        return stands_in(KEYS[6]) and 'dead' or 'lost', state
    end
    return 'finished', state
end
