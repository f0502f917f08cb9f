-- Makes what a worker holds in a stream takable at once, without waiting for its lease to run out. Its delivery count
-- stands: the job may have had its effect. Whatever the worker still says of it is fenced (I3).
--
-- KEYS[1]   stream
-- KEYS[2]   heartbeat of the worker
-- ARGV[1]   group
-- ARGV[2]   consumer
-- ARGV[3]   milliseconds: only what has been idle for as long
-- ARGV[4]   '1': though the worker lives
-- ARGV[5]   where the last page ended; '' for the first page
-- ARGV[6]   how many at most
-- Returns   { how many were handed back, how many were deleted from the stream before and are lost, where this page
--           ended, '' when it was the last }
if ARGV[4] ~= '1' and redis.call('EXISTS', KEYS[2]) == 1 then return { 0, 0, '' } end
local start = ARGV[5] == '' and '-' or '(' .. ARGV[5]
local rows = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], start, '+', ARGV[6], ARGV[2])
if #rows == 0 then return { 0, 0, '' } end
local ids = {}
for i, row in ipairs(rows) do ids[i] = row[1] end
local words = { 'IDLE', 86400000, 'JUSTID' }
for _, word in ipairs(words) do ids[#ids + 1] = word end
local returned = #redis.call('XCLAIM', KEYS[1], ARGV[1], '__released__', 0, unpack(ids))
return { returned, #rows - returned, #rows == tonumber(ARGV[6]) and rows[#rows][1] or '' }
