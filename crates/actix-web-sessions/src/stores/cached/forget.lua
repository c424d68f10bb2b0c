-- KEYS: copy, lease, generation. ARGV: 1 to make all copies void.
redis.call('DEL', KEYS[1], KEYS[2])
if ARGV[1] == '1' then redis.call('INCR', KEYS[3]) end
return 1
