-- Shows that a worker lives. In one step, so that one that dies on the way leaves no key that stays.
--
-- KEYS[1]   heartbeat of the worker
-- ARGV[1]   milliseconds it lives
-- ARGV[2…]  fields and values
-- Returns   1
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
