-- Tells the ids of the jobs in a stream, a page at a time. Only they leave the server.
--
-- KEYS[1]   stream
-- ARGV[1]   after this entry; '' from the first one
-- ARGV[2]   how many entries at most
-- Returns   { where this page ended, '' when it was the last, then the ids }
local page = redis.call('XRANGE', KEYS[1], ARGV[1] == '' and '-' or '(' .. ARGV[1], '+', 'COUNT', ARGV[2])
local answer = { #page == tonumber(ARGV[2]) and page[#page][1] or '' }
for _, entry in ipairs(page) do
    -- An entry whose first field is another is no job of ours.
    if entry[2][1] == 'id' then answer[#answer + 1] = entry[2][2] end
end
return answer
