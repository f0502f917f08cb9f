-- Says what the ledger has still to read and keep. Only numbers leave the server, no payload.
--
-- KEYS[1]   event stream
-- ARGV[1]   group
-- Returns   { entries, pending, first entry, last entry ever written, now }; '' for an entry that there is not
if redis.call('EXISTS', KEYS[1]) == 0 then return { 0, 0, '', '', now() } end
local last = ''
local fields = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #fields, 2 do
    if fields[i] == 'last-generated-id' then last = fields[i + 1] end
end
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1])
return { redis.call('XLEN', KEYS[1]), pending.err and 0 or pending[1], first and first[1] or '', last, now() }
