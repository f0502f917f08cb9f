-- Tells where jobs of a queue are, without touching them.
--
-- KEYS[1…6] as whereabouts.lua wants them
-- KEYS[7…]  the record of each job, in order
-- ARGV[1]   name of the queue
-- ARGV[2]   group
-- ARGV[3…]  the ids of the jobs, in order
-- Returns   per job: place, state (whereabouts.lua)
local answers = {}
for i = 3, #ARGV do
    local place, state = whereabouts(ARGV[i], KEYS[i + 4], ARGV[1], ARGV[2])
    answers[#answers + 1], answers[#answers + 2] = place, state
end
return answers
