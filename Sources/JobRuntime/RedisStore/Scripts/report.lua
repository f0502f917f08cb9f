-- Takes in what somebody else says of a job: the record shows the report of the highest rank, whatever their order, and
-- a job that is held as unknown or dead, or is about to be (settle.lua), is done when its effect is proved (I5).
--
-- KEYS[1]   record of the job
-- KEYS[2]   dead letters of its queue
-- KEYS[3]   event stream
-- KEYS[4]   tail
-- ARGV[1]   id
-- ARGV[2]   name of the queue, as its record has it; '' when there is no record
-- ARGV[3]   '1': events are kept
-- ARGV[4]   milliseconds that a record stands after the end
-- ARGV[5]   name
-- ARGV[6]   rank
-- ARGV[7]   token: the second report with it is a repetition
-- ARGV[8]   detail
-- ARGV[9]   '1': it proves that the job had its effect
-- Returns   'applied', 'outranked', 'duplicate' or 'not_found'; also of what is not found there is an event
local at = now()
local id, queue, name, rank, token, detail = ARGV[1], ARGV[2], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local job = redis.call('HMGET', KEYS[1], 'state', 'queue', 'entry', 'attempt', 'report_rank')
local is_known = queue ~= '' and job[2] == queue
if is_known then
    local said = 'said:' .. token
    if redis.call('HEXISTS', KEYS[1], said) == 1 then return 'duplicate' end
    -- A vendor that never stops must not fill the record; who reads the events knows the token.
    if redis.call('HLEN', KEYS[1]) < 200 then redis.call('HSET', KEYS[1], said, at) end
end
local tell = teller(KEYS[3], KEYS[4], ARGV[3])
local function event(type, ...)
    if tell then
        tell({ 'type', type, 'id', id, 'queue', queue, 'attempt', job[4] or '0', 'at', at, ... })
    end
end
event('reported', 'name', name, 'rank', rank, 'token', token, 'result', detail)
if not is_known then return 'not_found' end
if ARGV[9] == '1' then redis.call('HSETNX', KEYS[1], 'proof', detail) end
if ARGV[9] == '1' and (job[1] == 'unknown' or job[1] == 'dead') then
    redis.call('XDEL', KEYS[2], job[3])
    redis.call('HSET', KEYS[1], 'state', 'done', 'settled', at, 'result', detail)
    redis.call('HDEL', KEYS[1], 'reason', 'error', 'elapsed', 'dropped')
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
    event('succeeded', 'result', detail)
end
if job[5] and tonumber(job[5]) >= tonumber(rank) then return 'outranked' end
redis.call('HSET', KEYS[1], 'report', name, 'report_rank', rank, 'report_at', at, 'report_detail', detail)
return 'applied'
