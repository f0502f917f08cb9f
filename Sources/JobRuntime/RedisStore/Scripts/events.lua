-- Tells of changes (I5): the ledger, where one is kept, and whoever watches. A watcher keeps the key `tail` alive; while
-- it is there, what happens is written to it as well, without payloads, the last thousand or so events.
--
-- teller(events, tail, keeps) -> tell(fields, data); nil when nobody listens
--   keeps   '1': a ledger is kept
--   data    the payload, for the ledger alone
local function teller(events, tail, keeps)
    local watched = redis.call('EXISTS', tail) == 1
    if keeps ~= '1' and not watched then return nil end
    return function(fields, data)
        if watched then redis.call('XADD', tail, 'MAXLEN', '~', 1000, '*', unpack(fields)) end
        if keeps == '1' then
            if data then
                fields[#fields + 1] = 'data'
                fields[#fields + 1] = data
            end
            redis.call('XADD', events, '*', unpack(fields))
        end
    end
end
