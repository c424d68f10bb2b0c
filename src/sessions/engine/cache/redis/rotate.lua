-- KEYS: session, its new name. ARGV: last ms since 1970, absolute limit in ms or '', changes.
if not lives(KEYS[1], ARGV[2]) then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then return redis.error_reply('ERR the key is taken') end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('SET', KEYS[1] .. ':retired', KEYS[2], 'PX', 120000)
change(KEYS[2], 3)
prolong(KEYS[2], tonumber(ARGV[1]), ARGV[2])
return 1
