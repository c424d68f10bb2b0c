-- ARGV: the permit, the text, its last ms since 1970, the epoch.
if redis.call('GET', PERMIT) ~= ARGV[1] then return 0 end
redis.call('HSET', COPY, 'epoch', ARGV[4], 'text', ARGV[2], 'until', ARGV[3])
redis.call('PEXPIREAT', COPY, ARGV[3])
return 1
