-- KEYS: session. ARGV: last ms since 1970, absolute limit in ms or '', changes.
if redis.call('EXISTS', KEYS[1]) == 1 then return redis.error_reply('ERR the key is taken') end
redis.call('HSET', KEYS[1], CREATED, string.format('%.0f', now()))
change(KEYS[1], 3)
prolong(KEYS[1], tonumber(ARGV[1]), ARGV[2])
return 1
