-- Shows that a worker lives. In one step, so that one that dies on the way leaves no key that stays.
--
-- KEYS[1]   heartbeat of the worker
-- KEYS[2]   the workers: consumer → Unix milliseconds until which its heartbeat stands
-- ARGV[1]   consumer
-- ARGV[2]   milliseconds it lives
-- ARGV[3…]  fields and values
-- Returns   Unix milliseconds
local at = now()
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], string.format('%.0f', tonumber(at) + tonumber(ARGV[2])), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. at)
return at
