-- KEYS: copy, lease, generation. ARGV: token of the lease, generation, session, ms to live.
-- Whoever wrote meanwhile has removed the lease.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if (redis.call('GET', KEYS[3]) or '0') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'generation', ARGV[2], 'session', ARGV[3], 'lifetime', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
