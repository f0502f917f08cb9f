-- Gives a message its turn in a sender's row, which lets so much through in a second and not more, over all workers: a
-- leaky bucket as the time at which the next message may go (GCRA). The turn is kept for the message, so that it waits
-- once. What is urgent stands in a row of its own, which moves the other one on.
--
-- KEYS[1]   row of the sender
-- KEYS[2]   row of its urgent messages
-- ARGV[1]   what the message costs: microseconds of the row
-- ARGV[2]   '1': urgent
-- ARGV[3]   the turn must be before this: Unix milliseconds; '' for any
-- Returns   { time, turn }: Unix milliseconds; a turn that comes too late is told, and not kept
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local cost = tonumber(ARGV[1])
local own = ARGV[2] == '1' and KEYS[2] or KEYS[1]

local function push(row, from)
    local free = math.max(from, tonumber(redis.call('GET', row) or 0))
    redis.call('SET', row, string.format('%.0f', free + cost),
        'PX', string.format('%.0f', math.ceil((free + cost - now) / 1000) + 1000))
    return free
end

local turn = math.max(now, tonumber(redis.call('GET', own) or 0))
local late = ARGV[3] ~= '' and turn >= tonumber(ARGV[3]) * 1000
if not late then
    push(own, now)
    if own == KEYS[2] then push(KEYS[1], now) end
end
return { string.format('%.0f', math.floor(now / 1000)), string.format('%.0f', math.ceil(turn / 1000)) }
