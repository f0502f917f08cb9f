-- Ends deliveries, each in exactly one way: acknowledged and deleted (done), moved to the delayed set (retry), moved to
-- the dead letters (dead), or handed back (release); with the record and the event in the same step (I1, I3, I4, I5).
-- Only what the worker holds.
--
-- KEYS[1]   stream of the queue
-- KEYS[2]   event stream
-- KEYS[3]   dead letters of the queue
-- KEYS[4]   delayed set of the queue's retries
-- KEYS[5…]  the record of each settlement that needs one, in order: of a tracked queue all but released ones, else
--           those that retry
-- ARGV[1]   group
-- ARGV[2]   consumer
-- ARGV[3]   name of the queue
-- ARGV[4]   '1': tracked
-- ARGV[5]   '1': events are kept
-- ARGV[6]   milliseconds that a record stands after the end
-- ARGV[7…]  per settlement, entries ascending: entry, deliveries, verb and the verb's arguments:
--             done                                      (untracked)
--             done   id elapsed attempt result          (tracked)
--             retry  id elapsed wait attempt error      attempt: the number of the next one
--             dead   id elapsed state reason error      state: dead or unknown; without an id: no job
--             release count                             takable at once, with that delivery count
--           elapsed: milliseconds the handler took; wait: milliseconds until the next attempt
-- Returns   per settlement: 1 settled, 0 fenced: another worker has it; -1 fenced: nobody has it, it was settled
local group, consumer, queue = ARGV[1], ARGV[2], ARGV[3]
local tracked, events, ttl = ARGV[4] == '1', ARGV[5] == '1', ARGV[6]
local at = now()

-- Read the settlements: where each one's arguments begin, and what is to be checked.
local entries, deliveries, first = {}, {}, {}
local width = { done = tracked and 7 or 3, retry = 8, dead = 8, release = 4 }
local position = 7
while position <= #ARGV do
    local n = #entries + 1
    entries[n], deliveries[n], first[n] = ARGV[position], ARGV[position + 1], position
    position = position + width[ARGV[position + 2]]
end

local function event(type, id, attempt, elapsed, count, field, value, field2, value2)
    redis.call('XADD', KEYS[2], '*', 'type', type, 'id', id, 'queue', queue, 'attempt', attempt, 'at', at,
        'consumer', consumer, 'deliveries', count, 'elapsed', elapsed, field, value, field2, value2)
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
    redis.call('XADD', KEYS[3], '*', 'id', id, 'reason', 'lost', 'error', 'its entry was deleted while it ran',
        'died_at', at)
    if tracked and id ~= '' then
        redis.call('HSET', record, 'state', 'dead', 'settled', at, 'reason', 'lost',
            'error', 'its entry was deleted while it ran')
    end
end

local verbs = {}

function verbs.done(arg, record, count)
    if not tracked then return end
    local id, elapsed, attempt, result = ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5], ARGV[arg + 6]
    redis.call('HSET', record, 'state', 'done', 'settled', at, 'elapsed', elapsed, 'consumer', consumer,
        'deliveries', count, 'result', result)
    redis.call('PEXPIRE', record, ttl)
    if events then event('succeeded', id, attempt, elapsed, count, 'result', result, 'error', '') end
end

function verbs.retry(arg, record, count, entry)
    local id, elapsed, wait = ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5]
    local attempt, err = ARGV[arg + 6], ARGV[arg + 7]
    local fields = job(entry)
    if not fields then return lost(record, id) end
    local due = string.format('%.0f', tonumber(at) + tonumber(wait))
    redis.call('HSET', record, 'state', 'retrying', 'queue', queue, 'kind', fields.kind,
        'attempt', attempt, 'at', fields.at, 'payload', fields.payload, 'meta', fields.meta,
        'settled', at, 'elapsed', elapsed, 'consumer', consumer, 'deliveries', count, 'error', err, 'due', due)
    redis.call('ZADD', KEYS[4], due, id)
    if events then event('retrying', id, fields.attempt, elapsed, count, 'due', due, 'error', err) end
end

function verbs.dead(arg, record, count, entry)
    local id, elapsed, state = ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5]
    local reason, err = ARGV[arg + 6], ARGV[arg + 7]
    local fields, letter = job(entry)
    if not fields then return lost(record, id) end
    -- What somebody else wrote may have more fields than a call can be given words.
    if #letter > 1000 then letter = { 'entry', cjson.encode(letter) } end
    for _, word in ipairs({ 'reason', reason, 'error', err, 'died_at', at }) do letter[#letter + 1] = word end
    redis.call('XADD', KEYS[3], '*', unpack(letter))
    if not tracked or id == '' then return end
    redis.call('HSET', record, 'state', state, 'settled', at, 'elapsed', elapsed, 'consumer', consumer,
        'deliveries', count, 'reason', reason, 'error', err)
    if events then event(state, id, fields.attempt, elapsed, count, 'reason', reason, 'error', err) end
end

-- XCLAIM to a consumer that nobody is, idle for longer than any lease, is how Redis 7.0 can do it.
function verbs.release(arg, _, _, entry)
    redis.call('XCLAIM', KEYS[1], group, '__released__', 0, entry,
        'IDLE', 86400000, 'RETRYCOUNT', ARGV[arg + 3], 'JUSTID')
end

local is_held = held(KEYS[1], group, consumer, entries, deliveries)
local answers, gone, record = {}, {}, 4
for i = 1, #entries do
    local verb = ARGV[first[i] + 2]
    local key
    if verb == 'retry' or tracked and verb ~= 'release' then
        record = record + 1
        key = KEYS[record]
    end
    if is_held[i] then
        verbs[verb](first[i], key, deliveries[i], entries[i])
        if verb == 'done' then
            gone[#gone + 1] = entries[i]
        elseif verb ~= 'release' then
            -- At once: should a later settlement raise an error, this one is whole.
            redis.call('XACK', KEYS[1], group, entries[i])
            redis.call('XDEL', KEYS[1], entries[i])
        end
        answers[i] = 1
    else
        local pending = redis.call('XPENDING', KEYS[1], group, entries[i], entries[i], 1)
        answers[i] = #pending == 0 and -1 or 0
    end
end
if #gone > 0 then
    redis.call('XACK', KEYS[1], group, unpack(gone))
    redis.call('XDEL', KEYS[1], unpack(gone))
end
return answers
