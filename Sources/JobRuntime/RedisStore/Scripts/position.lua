-- Counts what is delivered before a job that waits in a stream, a page at a time: what was handed back is first, then
-- comes what was not delivered yet, in the order of the stream. Only the count leaves the server.
--
-- KEYS[1]   stream
-- ARGV[1]   group
-- ARGV[2]   entry of the job
-- ARGV[3]   where the last page ended; '' for the first page
-- ARGV[4]   how many to count at most
-- Returns   { count, where this page ended, '' when it was the last }
local stream, group, entry, start, most = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

-- Where the group has come to; nil when there is none, because no worker has come yet.
local function last_delivered()
    for _, fields in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
        local name, last
        for i = 1, #fields, 2 do
            if fields[i] == 'name' then name = fields[i + 1] end
            if fields[i] == 'last-delivered-id' then last = fields[i + 1] end
        end
        if name == group then return last end
    end
end

local count = 0
if start == '' then
    if redis.call('EXISTS', stream) == 0 then return { 0, '' } end
    start = last_delivered()
    if start then
        local own = redis.call('XPENDING', stream, group, entry, entry, 1)[1]
        local last = own and '(' .. entry or '+'
        count = #redis.call('XPENDING', stream, group, '-', last, most, '__released__')
        if own then return { count, '' } end
    else
        start = '0-0'
    end
end
local page = redis.call('XRANGE', stream, '(' .. start, '(' .. entry, 'COUNT', most)
return { count + #page, #page == most and page[#page][1] or '' }
