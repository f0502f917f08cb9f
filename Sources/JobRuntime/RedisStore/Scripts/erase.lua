-- Takes the texts out of the records of jobs that are finished.
--
-- KEYS[1…] the records
-- ARGV[1]  '1': nothing is taken, only told
-- Returns  per record: '' there is none; 'finished'; else the state of the job, whose texts are still needed
local finished = { done = true, dead = true, unknown = true, canceled = true, expired = true, discarded = true }
local answers = {}
for i = 1, #KEYS do
    local state = redis.call('HGET', KEYS[i], 'state')
    answers[i] = not state and '' or finished[state] and 'finished' or state
    if answers[i] == 'finished' and ARGV[1] ~= '1' then
        redis.call('HDEL', KEYS[i], 'payload', 'result', 'error', 'report_detail', 'proof')
    end
end
return answers
