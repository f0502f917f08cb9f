-- Makes a queue known by its name. A script, because the queue of a job that follows must be made known when Redis is
-- at `maxmemory` as well: settling frees memory, and refusing it would leave Redis full.
--
-- KEYS[1]   the queues: name → tracked or untracked
-- ARGV[1]   name of the queue
-- ARGV[2]   'tracked' or 'untracked'
-- Returns   whatever HSET does
return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
