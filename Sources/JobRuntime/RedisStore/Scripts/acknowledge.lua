-- Takes events out of the stream once the ledger has kept them: acknowledged and deleted in one step (I4). Whoever
-- holds them now: who has claimed them meanwhile would only keep them a second time.
--
-- KEYS[1]   event stream
-- ARGV[1]   group
-- ARGV[2…]  their entries
-- Returns   how many were there
redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, 2))
return redis.call('XDEL', KEYS[1], unpack(ARGV, 2))
