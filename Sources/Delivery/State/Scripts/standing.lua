-- Tells the ledger, where one is kept, how an address stands after a change, or after a word of its owner that counts:
-- so that a lost Redis loses no opt-out. The last such event of an address, in the order of the stream, is how it stands.
--
-- tell(list, events, keeps, kind, address, said)
--   list    suppressions of the kind: address → JSON
--   keeps   '1': a ledger is kept
--   said    when it was said, Unix milliseconds; nil: now
local function tell(list, events, keeps, kind, address, said)
    if keeps ~= '1' then return end
    local time = redis.call('TIME')
    local at = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
    local found = redis.call('HGET', list, address)
    if found then
        -- What a person wrote there by hand suppresses all the same.
        redis.call('XADD', events, '*', 'type', 'suppressed', 'kind', kind, 'address', address,
            'reason', found:match('"reason":"([%w_]+)"') or 'manual', 'said', said or at, 'at', at)
    else
        redis.call('XADD', events, '*', 'type', 'allowed', 'kind', kind, 'address', address,
            'said', said or at, 'at', at)
    end
end
