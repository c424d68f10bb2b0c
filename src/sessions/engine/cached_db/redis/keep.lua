-- ARGV: the permit, the text, its last ms since 1970.
local epoch = redis.call('GET', KEYS[2])
local good = epoch and string.sub(ARGV[1], 1, #epoch) == epoch
if not good or redis.call('GET', PERMIT) ~= ARGV[1] then return 0 end
redis.call('HSET', COPY, 'epoch', epoch, 'text', ARGV[2], 'until', ARGV[3])
redis.call('PEXPIREAT', COPY, ARGV[3])
return 1
