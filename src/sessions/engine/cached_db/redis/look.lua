-- ARGV: a random text, the epoch. Returns the copy's text and end, and the permit, each empty for none.
local epoch = ARGV[2]
local copy = redis.call('HMGET', COPY, 'epoch', 'text', 'until')
if copy[1] == epoch then return { copy[2], copy[3], '' } end
if writes() > 0 then return { '', '', '' } end
-- Readers share the permit. No write has begun since it was drawn, so it is as good as a new one.
local permit = redis.call('GET', PERMIT)
if not permit or string.sub(permit, 1, #epoch) ~= epoch then permit = epoch .. ARGV[1] end
redis.call('SET', PERMIT, permit, 'PX', 10000)
return { '', '', permit }
