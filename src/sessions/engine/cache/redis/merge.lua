-- KEYS: session. ARGV: last ms since 1970, absolute limit in ms or '', changes.
local name = current(KEYS[1], ARGV[2])
if not name then return 0 end
change(name, 3)
prolong(name, tonumber(ARGV[1]), ARGV[2])
return name == KEYS[1] and 1 or 2
