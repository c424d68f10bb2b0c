-- KEYS: session. ARGV: last ms since 1970, absolute limit in ms or '', ms since 1970 to live until.
-- Returns 0 for a missing session, 1 for a prolonged one, 2 for a retired key, 3 for one that lives
-- long enough, 4 with its expiry, and until when it lives, for one with an expiry of its own.
local name = KEYS[1]
if not lives(name, ARGV[2]) then
  return { redis.call('EXISTS', name .. ':retired') == 1 and 2 or 0, '', 0 }
end
local moment = now() + redis.call('PTTL', name)
local own = redis.call('HGET', name, '_session_expiry')
if own then return { 4, own, moment } end
if moment > tonumber(ARGV[3]) then return { 3, '', 0 } end
prolong(name, tonumber(ARGV[1]), ARGV[2])
return { 1, '', 0 }
