-- ARGV: the write. The copy goes again: Redis may have lost the write's beginning meanwhile.
void()
redis.call('ZREM', WRITES, ARGV[1])
return 1
