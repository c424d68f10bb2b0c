-- KEYS: the epoch. ARGV: a random text, or empty to change nothing.
if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[1]) end
return 1
