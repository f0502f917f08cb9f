-- Removes a consumer that holds nothing. With entries pending it stays: deleting it would throw them away (I4).
--
-- KEYS[1]   stream of the queue
-- ARGV[1]   group
-- ARGV[2]   consumer
-- Returns   1 removed, 0 it holds entries
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
