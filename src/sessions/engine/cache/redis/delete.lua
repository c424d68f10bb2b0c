-- KEYS: session. ARGV: absolute limit in ms or ''.
local name = current(KEYS[1], ARGV[1])
if name then redis.call('DEL', name) end
return 1
