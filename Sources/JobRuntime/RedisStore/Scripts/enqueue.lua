-- Puts jobs of one lane into a queue: stream entry, or a place in the scheduled set, with record and event of each in
-- one step (I1, I5).
--
-- KEYS[1…3] the queue's streams: high, normal, low
-- KEYS[4]   scheduled set of the queue
-- KEYS[5]   event stream
-- KEYS[6]   tail
-- KEYS[7]   memory: what was last found of the server's memory
-- KEYS[8…]  the record of each job, in order (tracked); then, per job with extras, in order: its record, if it starts
--           later and the queue is untracked, its guard, and its idempotency key, if it has them
-- ARGV[1]   name of the queue
-- ARGV[2]   '1': tracked
-- ARGV[3]   '1': events are kept
-- ARGV[4]   lane: high, normal or low
-- ARGV[5]   the most entries the three streams may have; '' for any number
-- ARGV[6]   the most memory: bytes, or a share of maxmemory below 1; '' for all
-- ARGV[7]   the most events that may wait for the ledger; '' for any number, and where none are told
-- ARGV[8]   what stands before an id in the key of its record
-- ARGV[9]   how many jobs
-- ARGV[10…] per job: id, kind, payload, meta
-- then      per job with extras: its number (from 1), start, guard, limit, schedule, life, fingerprint
--             start   '' now, '+n' in n milliseconds, 'n' at n
--             guard   '' none; 'time' or 'unfinished': KEYS holds the key's job for `limit` milliseconds;
--                     'tick': KEYS holds the last ticks, and the job is the tick `limit` of `schedule`
--             life    '' no idempotency key; else KEYS holds its job, when that was enqueued, and the fingerprint, for
--                     `life` milliseconds
-- Returns   { at, then for each job that was not enqueued: its number; 'duplicate', 'conflict' or 'full'; the first
--           job's id, or the reason; when the first job was enqueued, '' where nothing tells }
--
-- A job that has a record is a duplicate: the call may repeat one that was cut off, and the one that was cut off may
-- still be on its way and run after its repetition. Duplicates are found before there is any talk of room, and by
-- reading alone: what was accepted once is answered so, however full it is now. What is refused leaves nothing behind.
local at = now()
local queue, tracked, lane = ARGV[1], ARGV[2] == '1', ARGV[4]
local stream = KEYS[lane == 'high' and 1 or lane == 'low' and 3 or 2]
local count = tonumber(ARGV[9])
local tell = teller(KEYS[5], KEYS[6], ARGV[3])
local answer = { at }

local function refuse(number, why, value, first_at)
    local n = #answer
    answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = number, why, value, first_at or ''
end

-- Why there is no room for a job; nothing when there is. Found out once, by the first job that is new.
local full, depth, behind
local function no_room(due)
    if not depth then
        full = too_much_memory(KEYS[7], ARGV[6])
        depth = ARGV[5] ~= '' and depth_of(1) or 0
        behind = ARGV[7] ~= '' and redis.call('XLEN', KEYS[5]) or 0
    end
    return full or too_far_behind(behind, ARGV[7]) or not due and too_deep(depth, ARGV[5])
end

-- What few jobs have, by number: when it starts, and what keeps a second one out.
local extras, next_key = {}, 8 + (tracked and count or 0)
for i = 10 + 4 * count, #ARGV, 7 do
    local extra = { guard = ARGV[i + 2], limit = ARGV[i + 3], schedule = ARGV[i + 4], life = ARGV[i + 5],
        fingerprint = ARGV[i + 6] }
    local start = ARGV[i + 1]
    if start ~= '' then
        extra.due = tonumber(start) + (start:sub(1, 1) == '+' and tonumber(at) or 0)
        if not tracked then
            extra.record = KEYS[next_key]
            next_key = next_key + 1
        end
    end
    if extra.guard ~= '' then
        extra.key = KEYS[next_key]
        next_key = next_key + 1
    end
    if extra.life ~= '' then
        extra.idempotency = KEYS[next_key]
        next_key = next_key + 1
    end
    extras[tonumber(ARGV[i])] = extra
end

local unfinished = { queued = true, scheduled = true, retrying = true, snoozed = true, parked = true, unknown = true }

-- The id of the job that its guard lets keep this one out, or nothing.
local function holder(extra, id)
    if extra.guard == 'tick' then
        local last = redis.call('HGET', extra.key, extra.schedule)
        return last and tonumber(last) >= tonumber(extra.limit) and id
    elseif extra.guard ~= '' then
        local job = redis.call('GET', extra.key)
        if not job or extra.guard == 'time' then return job end
        local found = redis.call('HMGET', ARGV[8] .. job, 'state', 'dropped')
        return unfinished[found[1]] and not found[2] and job
    end
end

-- Whether a job has a record. Of a tracked queue all are asked about at once: mostly none has.
local some_known = not tracked or count > 0 and redis.call('EXISTS', unpack(KEYS, 8, 7 + count)) > 0
local made = {}
local function known(record) return made[record] or some_known and redis.call('EXISTS', record) == 1 end

-- What keeps a job out, in the words of `refuse`; nothing when it is new.
local function found(id, record, extra)
    local is_known = record and known(record)
    local said = extra and extra.idempotency and redis.call('GET', extra.idempotency)
    if said then
        local job, first_at, fingerprint = said:match('^(%S+) (%S+) (.*)$')
        if job == id then return 'duplicate', id, first_at end
        if job and not is_known then
            return fingerprint == extra.fingerprint and 'duplicate' or 'conflict', job, first_at
        end
    end
    local job = is_known and id or extra and holder(extra, id)
    if job then return 'duplicate', job end
end

-- Keeps others out from now on.
local function claim(extra, id)
    if extra.guard == 'tick' then
        redis.call('HSET', extra.key, extra.schedule, extra.limit)
    elseif extra.guard ~= '' then
        redis.call('SET', extra.key, id, 'PX', extra.limit)
    end
    if extra.idempotency then
        redis.call('SET', extra.idempotency, id .. ' ' .. at .. ' ' .. extra.fingerprint, 'PX', extra.life)
    end
end

-- The first thing that is written of a job: nil when Redis is at maxmemory. It says so only before a script has written
-- anything, so either every job of the call finds room or none does.
local function begin(...)
    local written = redis.pcall(...)
    if type(written) ~= 'table' or not written.err then return written end
    if not written.err:find('^%-?OOM') then error(written) end
end

for number = 1, count do
    local i = 6 + 4 * number
    local id, kind, payload, meta = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
    local extra = extras[number]
    local record = tracked and KEYS[7 + number] or extra and extra.record
    local due = extra and extra.due and extra.due > tonumber(at) and string.format('%.0f', extra.due)
    local why, value, first_at = found(id, record, extra)
    if not why then
        value = no_room(due)
        why = value and 'full'
    end
    local written
    if why then
        refuse(number, why, value, first_at)
    elseif due then
        written = begin('ZADD', KEYS[4], due, id)
    else
        written = begin('XADD', stream, '*',
            'id', id, 'kind', kind, 'attempt', '1', 'at', at, 'payload', payload, 'meta', meta)
    end
    if not why and not written then refuse(number, 'full', 'redis is at maxmemory') end
    if written then
        if extra then claim(extra, id) end
        if due then
            made[record] = true
            redis.call('HSET', record, 'state', 'scheduled', 'queue', queue, 'attempt', '1', 'at', at,
                'kind', kind, 'payload', payload, 'meta', meta, 'due', due, 'start', due)
        else
            depth = depth + 1
        end
        behind = behind + 1
        if tracked and not due then
            made[record] = true
            redis.call('HSET', record, 'state', 'queued', 'queue', queue, 'attempt', '1', 'at', at,
                'kind', kind, 'entry', written, 'payload', payload)
        end
        if (tracked or due) and lane ~= 'normal' then redis.call('HSET', record, 'lane', lane) end
        if due and not tracked then redis.call('HSET', record, 'untracked', '1') end
        if tell and tracked then
            local event = { 'type', 'accepted', 'id', id, 'queue', queue, 'kind', kind, 'attempt', '1',
                'at', at, 'lane', lane }
            if due then
                event[#event + 1] = 'due'
                event[#event + 1] = due
            end
            tell(event, payload)
        end
    end
end
return answer
