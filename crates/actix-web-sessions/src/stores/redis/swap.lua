-- KEYS: session. ARGV: policy's lifetime, field, expected JSON, new JSON.
-- Returns 4 with the stored JSON if that is another one.
local name, why = current(KEYS[1])
if not name then return { why } end
local stored = redis.call('HGET', name, ARGV[2]) or 'null'
if stored ~= ARGV[3] then return { 4, stored } end
redis.call('HSET', name, ARGV[2], ARGV[4])
return { name == KEYS[1] and APPLIED or SUCCESSOR, snapshot(name, ARGV[1]) }
