-- Lets requests in as far as the limits of their callers allow, many callers in one call.
--
-- The rate of a caller: never more than a number of requests in any stretch of a length (half open: what is just as old
-- no longer counts). Its state is one string: the sum of the counts and the time at which the last count began, then
-- pairs of a time and a count. Requests that come within a sixtieth of the stretch are one count, with the time of the
-- latest: so there are never more than 62 counts however high the limit is, and a request counts for a sixtieth too long
-- at worst, but never too short. Each is taken off once.
--
-- The quota of a caller: a number of messages in each hour, day or month of the calendar in UTC, as '<begin> <used>'.
--
-- What is refused does not count, neither of the rate nor of the quota: else a client that tries too early, or one that
-- is stormed from its own side, would never be let in again.
--
-- KEYS      of each caller in turn: its rate, if it has a limit; its quota, if it has one
-- ARGV      of each caller: requests, messages of each request, limit of the rate ('0': none), length in microseconds,
--           limit of the quota ('0': none), unit ('h', 'd', 'month'), begin of the quota's stretch from which messages
--           (then a negative number) are given back
-- Returns   time in microseconds, then of each caller: requests that its rate has room for, those that are let in,
--           room that is left, microseconds until there is more (0: all is there), messages that are left, Unix
--           seconds at which the quota's stretch began and at which it ends
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local reply, keys = { now }, 0

-- The begin and the end of the hour, day or month that it is: Unix seconds.
local function stretch(unit)
    local seconds = tonumber(t[1])
    local length = unit == 'h' and 3600 or 86400
    local begin = seconds - seconds % length
    if unit ~= 'month' then return begin, begin + length end
    -- By Howard Hinnant's civil_from_days (https://howardhinnant.github.io/date_algorithms.html).
    local function first(day)
        local of_era = (day + 719468) % 146097
        local year = math.floor((of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524)
            - math.floor(of_era / 146096)) / 365)
        local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
        return day - (of_year - math.floor((153 * math.floor((5 * of_year + 2) / 153) + 2) / 5))
    end
    local day = first(begin / 86400)
    return day * 86400, first(day + 31) * 86400
end

for at = 1, #ARGV, 7 do
    local requests, messages, limit, length, quota, unit, since = unpack(ARGV, at, at + 6)
    requests, messages, limit, length = tonumber(requests), tonumber(messages), tonumber(limit), tonumber(length)
    local rate_key, sum, counts, moment, begun, room
    local fits = requests
    if limit > 0 then
        keys = keys + 1
        rate_key = KEYS[keys]
        sum, counts, moment, begun = 0, '', now, 0
        local state = redis.call('GET', rate_key)
        if state then
            local latest = struct.unpack('<d', state, #state - 11)
            -- A clock that was set back a little stands still; after more than that all begins anew.
            if latest <= now + length then
                moment = math.max(now, latest)
                sum, begun = struct.unpack('<dd', state)
                local from = 17
                while from < #state do
                    local time, count = struct.unpack('<dI4', state, from)
                    if time + length > moment then break end
                    sum, from = sum - count, from + 12
                end
                counts = state:sub(from)
            end
        end
        fits = math.max(0, math.min(requests, limit - sum))
    end

    local enters, left, from, to = fits, 0, 0, 0
    if quota ~= '0' then
        keys = keys + 1
        quota = tonumber(quota)
        from, to = stretch(unit)
        local begin, used = (redis.call('GET', KEYS[keys]) or ''):match('^(%d+) (%d+)$')
        used = tonumber(begin) == from and tonumber(used) or 0
        if messages > 0 then enters = math.max(0, math.min(fits, math.floor((quota - used) / messages))) end
        -- What was taken of an earlier stretch is gone with it.
        if messages ~= 0 and enters > 0 and (messages > 0 or tonumber(since) == from) then
            used = math.max(0, used + enters * messages)
            redis.call('SET', KEYS[keys], string.format('%d %.0f', from, used), 'EXAT', to)
        end
        left = math.max(0, quota - used)
    end

    local wait = 0
    if rate_key then
        if enters > 0 then
            if counts ~= '' and moment - begun < length / 60 then
                local count = struct.unpack('<I4', counts, #counts - 3)
                counts = counts:sub(1, -13) .. struct.pack('<dI4', moment, count + enters)
            else
                begun = moment
                counts = counts .. struct.pack('<dI4', moment, enters)
            end
            sum = sum + enters
            redis.call('SET', rate_key, struct.pack('<dd', sum, begun) .. counts,
                'PX', math.ceil((moment - now + length) / 1000))
        end
        room = math.max(0, limit - sum)
        if counts ~= '' then wait = struct.unpack('<d', counts) + length - now end
    end
    local size = #reply
    reply[size + 1], reply[size + 2], reply[size + 3], reply[size + 4] = fits, enters, room or 0, wait
    reply[size + 5], reply[size + 6], reply[size + 7] = left, from, to
end
return reply
