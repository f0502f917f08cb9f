-- Why a queue takes no more; each says so, or nothing. A mark of '' is none.

-- How many entries the three streams from KEYS[first] on have.
local function depth_of(first)
    local depth = 0
    for i = first, first + 2 do depth = depth + redis.call('XLEN', KEYS[i]) end
    return depth
end

local function too_deep(depth, most)
    return most ~= '' and depth >= tonumber(most) and 'the queue holds ' .. most .. ' jobs, its limit'
end

local function too_far_behind(behind, mark)
    return mark ~= '' and behind >= tonumber(mark)
        and 'the ledger is ' .. behind .. ' events behind, its mark is ' .. mark
end

-- Asking the server for its memory takes longer than enqueuing a job: it is asked a few times a second. What was found
-- is the server's, and stands in the key; what it means is the queue's, whose mark is bytes, or a share of maxmemory
-- up to 1.
local function too_much_memory(key, mark)
    if mark == '' then return end
    local found = redis.call('GET', key)
    if not found then
        local info = redis.call('INFO', 'memory')
        found = info:match('used_memory:(%d+)') .. ' ' .. info:match('maxmemory:(%d+)')
        -- At maxmemory it cannot be kept.
        redis.pcall('SET', key, found, 'PX', 250)
    end
    local used, most = found:match('(%d+) (%d+)')
    mark = tonumber(mark)
    if mark <= 1 then mark = tonumber(most) > 0 and mark * most or math.huge end
    return tonumber(used) >= mark and string.format('redis uses %.0f MB of memory, the mark is %.0f MB',
        used / 1048576, mark / 1048576)
end
