-- Agrees on how all processes use the keys: the first one to start says it, for all that come after.
--
-- KEYS[1]   what was agreed on: a hash
-- ARGV[1…]  fields, and what this process would have
-- Returns   what stands there, in the order of the fields
local found = {}
for i = 1, #ARGV, 2 do
    redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1])
    found[#found + 1] = redis.call('HGET', KEYS[1], ARGV[i])
end
return found
