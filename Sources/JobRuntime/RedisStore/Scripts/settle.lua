-- Ends deliveries of one lane, each in exactly one way: acknowledged and deleted (done, ended), moved to the delayed set
-- (delay), moved to the dead letters (dead), or handed back (release); with the record, the event and the jobs that
-- follow in the same step (I1, I3, I4, I5). Only what the worker holds.
--
-- KEYS[1]   stream of the queue's lane
-- KEYS[2]   event stream
-- KEYS[3]   tail
-- KEYS[4]   dead letters of the queue
-- KEYS[5]   delayed set of the queue's retries
-- KEYS[6…]  the record of each settlement that needs one, in order: of a tracked queue all but released ones, else
--           those that are delayed; after it the stream and the record of each job that follows the settlement
-- ARGV[1]   group
-- ARGV[2]   consumer
-- ARGV[3]   name of the queue
-- ARGV[4]   lane
-- ARGV[5]   '1': tracked
-- ARGV[6]   '1': events are kept
-- ARGV[7]   milliseconds that a record stands after the end
-- ARGV[8]   how many plain settlements: jobs of an untracked queue that are done and were delivered once
-- ARGV[9…]  their entries, ascending
-- then      per other settlement, entries ascending: entry, deliveries, verb and the verb's arguments:
--             done    id elapsed attempt result
--             ended   id elapsed attempt state reason error   state: expired or discarded; or done, as with dead
--             delay   id elapsed wait state attempt text meta state: retrying, snoozed or parked; attempt: the number
--                                                             of the next one; meta: '' for as it was
--             dead    id elapsed state reason error           state: dead or unknown; done, where a report has proved
--                                                             that it is; without an id: no job
--             release count                                   takable at once, with that delivery count
--             follow  queue lane tracked id kind payload meta after the settlement that it follows: a job that is
--                                                             enqueued with it, unless its record is there
--           elapsed: milliseconds the handler took; wait: milliseconds until the next attempt
-- Returns   for each settlement that was not settled its number, plain ones first, from 1, and
--           0 fenced: another worker has it; -1 fenced: nobody has it, it was settled
local group, consumer, queue, lane = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local tracked, ttl = ARGV[5] == '1', ARGV[7]
local at = now()
local tell = teller(KEYS[2], KEYS[3], ARGV[6])

-- Read the settlements: where each one's arguments begin, and what is to be checked.
local plain = { unpack(ARGV, 9, 8 + ARGV[8]) }
local entries, deliveries, first, follows = {}, {}, {}, {}
local width = { done = 7, ended = 9, delay = 10, dead = 8, release = 4, follow = 10 }
local position = 9 + #plain
while position <= #ARGV do
    local verb, n = ARGV[position + 2], #entries
    if verb == 'follow' then
        follows[n] = follows[n] or {}
        table.insert(follows[n], position)
    else
        entries[n + 1], deliveries[n + 1], first[n + 1] = ARGV[position], ARGV[position + 1], position
    end
    position = position + width[verb]
end

local function event(type, id, attempt, elapsed, count, ...)
    if not tell or not tracked then return end
    tell({ 'type', type, 'id', id, 'queue', queue, 'attempt', attempt, 'at', at, 'consumer', consumer,
        'deliveries', count, 'elapsed', elapsed, ... })
end

-- The fields of an entry by name, and as they stand; nil when it was deleted under the worker.
local function job(entry)
    local found = redis.call('XRANGE', KEYS[1], entry, entry)[1]
    if not found then return nil end
    local fields = {}
    for i = 1, #found[2], 2 do fields[found[2][i]] = found[2][i + 1] end
    return fields, found[2]
end

-- Somebody deleted the entry under the worker: nothing is left of the job but that it was.
local function lost(record, id)
    local letter = redis.call('XADD', KEYS[4], '*', 'id', id, 'reason', 'lost',
        'error', 'its entry was deleted while it ran', 'died_at', at)
    if tracked and id ~= '' then
        redis.call('HSET', record, 'state', 'dead', 'entry', letter, 'settled', at, 'reason', 'lost',
            'error', 'its entry was deleted while it ran')
        if tell then
            tell({ 'type', 'dead', 'id', id, 'queue', queue, 'attempt', redis.call('HGET', record, 'attempt') or '0',
                'at', at, 'consumer', consumer, 'reason', 'lost', 'error', 'its entry was deleted while it ran' })
        end
    end
end

local function succeed(record, count, id, elapsed, attempt, result)
    redis.call('HSET', record, 'state', 'done', 'settled', at, 'elapsed', elapsed, 'consumer', consumer,
        'deliveries', count, 'result', result)
    redis.call('PEXPIRE', record, ttl)
    event('succeeded', id, attempt, elapsed, count, 'result', result)
    return true
end

local verbs = {}

function verbs.done(arg, record, count)
    if tracked then succeed(record, count, unpack(ARGV, arg + 3, arg + 6)) end
end

-- What a report has proved, whatever the worker makes of it. Who settles by it returns true: nothing follows then that
-- the worker wanted to follow.
local function proof(record) return tracked and redis.call('HGET', record, 'proof') end

function verbs.ended(arg, record, count)
    if not tracked then return end
    local id, elapsed, attempt = ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5]
    local proved = proof(record)
    if proved then return succeed(record, count, id, elapsed, attempt, proved) end
    local state, reason, err = ARGV[arg + 6], ARGV[arg + 7], ARGV[arg + 8]
    redis.call('HSET', record, 'state', state, 'settled', at, 'elapsed', elapsed, 'consumer', consumer,
        'deliveries', count, 'reason', reason, 'error', err)
    redis.call('PEXPIRE', record, ttl)
    event(state, id, attempt, elapsed, count, 'reason', reason, 'error', err)
end

function verbs.delay(arg, record, count, entry)
    local id, elapsed, wait, state = ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5], ARGV[arg + 6]
    local attempt, text, meta = ARGV[arg + 7], ARGV[arg + 8], ARGV[arg + 9]
    local fields = job(entry)
    if not fields then return lost(record, id) end
    local due = string.format('%.0f', tonumber(at) + tonumber(wait))
    redis.call('HSET', record, 'state', state, 'queue', queue, 'kind', fields.kind, 'attempt', attempt,
        'payload', fields.payload, 'meta', meta ~= '' and meta or fields.meta, 'settled', at,
        'elapsed', elapsed, 'consumer', consumer, 'deliveries', count, 'due', due,
        state == 'retrying' and 'error' or 'reason', text)
    -- The entry of a job that was enqueued for later says when it was due; its record says when it was enqueued.
    redis.call('HSETNX', record, 'at', fields.at)
    if lane ~= 'normal' then redis.call('HSET', record, 'lane', lane) end
    if not tracked then redis.call('HSET', record, 'untracked', '1') end
    redis.call('ZADD', KEYS[5], due, id)
    event(state, id, fields.attempt, elapsed, count, 'due', due, 'error', text)
end

function verbs.dead(arg, record, count, entry)
    local id, elapsed, state = ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5]
    local reason, err = ARGV[arg + 6], ARGV[arg + 7]
    local fields, letter = job(entry)
    if not fields then return lost(record, id) end
    local proved = proof(record)
    if proved then return succeed(record, count, id, elapsed, fields.attempt, proved) end
    -- What somebody else wrote may have more fields than a call can be given words.
    if #letter > 1000 then letter = { 'entry', cjson.encode(letter) } end
    for _, word in ipairs({ 'reason', reason, 'error', err, 'died_at', at }) do letter[#letter + 1] = word end
    local place = redis.call('XADD', KEYS[4], '*', unpack(letter))
    if not tracked or id == '' then return end
    redis.call('HSET', record, 'state', state, 'entry', place, 'settled', at, 'elapsed', elapsed,
        'consumer', consumer, 'deliveries', count, 'reason', reason, 'error', err)
    event(state, id, fields.attempt, elapsed, count, 'reason', reason, 'error', err)
end

local function follow(arg, stream, record)
    local of, its_lane, is_tracked, id, kind, payload, meta = unpack(ARGV, arg + 3, arg + 9)
    if is_tracked == '1' and redis.call('EXISTS', record) == 1 then return end
    local entry = redis.call('XADD', stream, '*',
        'id', id, 'kind', kind, 'attempt', '1', 'at', at, 'payload', payload, 'meta', meta)
    if is_tracked ~= '1' then return end
    redis.call('HSET', record, 'state', 'queued', 'queue', of, 'attempt', '1', 'at', at, 'kind', kind, 'entry', entry,
        'payload', payload)
    if its_lane ~= 'normal' then redis.call('HSET', record, 'lane', its_lane) end
    if tell then
        tell({ 'type', 'accepted', 'id', id, 'queue', of, 'kind', kind, 'attempt', '1', 'at', at, 'lane', its_lane },
            payload)
    end
end

-- XCLAIM to a consumer that nobody is, idle for longer than any lease, is how Redis 7.0 can do it.
function verbs.release(arg, _, _, entry)
    redis.call('XCLAIM', KEYS[1], group, '__released__', 0, entry,
        'IDLE', 86400000, 'RETRYCOUNT', ARGV[arg + 3], 'JUSTID')
end

local answers, gone, record = {}, {}, 5

local function fenced(number, entry)
    local pending = redis.call('XPENDING', KEYS[1], group, entry, entry, 1)
    answers[#answers + 1] = number
    answers[#answers + 1] = #pending == 0 and -1 or 0
end

local is_held = held(KEYS[1], group, consumer, plain)
for i = 1, #plain do
    if is_held[i] then gone[#gone + 1] = plain[i] else fenced(i, plain[i]) end
end

is_held = held(KEYS[1], group, consumer, entries, deliveries)
for i = 1, #entries do
    local verb = ARGV[first[i] + 2]
    local key
    if verb == 'delay' or tracked and verb ~= 'release' then
        record = record + 1
        key = KEYS[record]
    end
    local is_proved
    if is_held[i] then
        is_proved = verbs[verb](first[i], key, deliveries[i], entries[i])
        if verb == 'done' or verb == 'ended' then
            gone[#gone + 1] = entries[i]
        elseif verb ~= 'release' then
            -- At once: should a later settlement raise an error, this one is whole.
            redis.call('XACK', KEYS[1], group, entries[i])
            redis.call('XDEL', KEYS[1], entries[i])
        end
    else
        fenced(#plain + i, entries[i])
    end
    for _, arg in ipairs(follows[i] or {}) do
        if is_held[i] and not is_proved then follow(arg, KEYS[record + 1], KEYS[record + 2]) end
        record = record + 2
    end
end
if #gone > 0 then
    redis.call('XACK', KEYS[1], group, unpack(gone))
    redis.call('XDEL', KEYS[1], unpack(gone))
end
return answers
