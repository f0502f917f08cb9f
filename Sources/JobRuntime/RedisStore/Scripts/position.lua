-- Counts entries of a stream between two, a page at a time. Only the count leaves the server.
--
-- KEYS[1]   stream
-- ARGV[1]   after this entry
-- ARGV[2]   and before this one
-- ARGV[3]   how many to count at most
-- Returns   { count, where this page ended, '' when it was the last }
local page = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '(' .. ARGV[2], 'COUNT', ARGV[3])
return { #page, #page == tonumber(ARGV[3]) and page[#page][1] or '' }
