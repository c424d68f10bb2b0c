-- ARGV: 1 to try a write, too: a Redis may answer and yet take none.
if ARGV[1] == '1' then redis.call('SET', KEYS[1], '', 'PX', 60000) end
return 1
