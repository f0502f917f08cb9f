-- Redis's clock in Unix milliseconds, as text (I6).
local function now()
    local time = redis.call('TIME')
    return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
end
