-- KEYS: copy, lease, generation. ARGV: token of the lease, ms that the lease lasts.
-- Returns the copy and ms that it still lives, or that nobody else may be making one now.
local generation = redis.call('GET', KEYS[3]) or '0'
local copy = redis.call('HMGET', KEYS[1], 'generation', 'session', 'lifetime')
if copy[1] == generation then
  return { copy[2], tonumber(copy[3]) - redis.call('PTTL', KEYS[1]), generation }
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return { '', 0, generation }
