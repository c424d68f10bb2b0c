-- KEYS: session. ARGV: absolute limit in ms or ''.
if lives(KEYS[1], ARGV[1]) then return { 1, redis.call('HGETALL', KEYS[1]) } end
if redis.call('EXISTS', KEYS[1] .. ':retired') == 1 then return { 2, {} } end
return { 0, {} }
