-- KEYS: session. ARGV: policy's lifetime, kind and value of the expiry, changes.
local name, why = current(KEYS[1])
if not name then return { why } end
change(name, 4)
set_expiry(name, ARGV[2], ARGV[3])
local life = extend(name, ARGV[1])
return { name == KEYS[1] and APPLIED or SUCCESSOR, life }
