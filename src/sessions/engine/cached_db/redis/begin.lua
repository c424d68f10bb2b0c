-- ARGV: the write, how many ms it is waited for.
void()
writes()
redis.call('ZADD', WRITES, string.format('%.0f', now() + ARGV[2]), ARGV[1])
if redis.call('PTTL', WRITES) < tonumber(ARGV[2]) then redis.call('PEXPIRE', WRITES, ARGV[2]) end
return 1
