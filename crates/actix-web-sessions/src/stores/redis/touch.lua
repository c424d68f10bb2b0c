-- KEYS: session. ARGV: policy's lifetime, threshold.
-- Returns 0 gone, 1 extended with the life, 2 retired, 3 fresh.
local name = KEYS[1]
if not is_live(name) then
  return { redis.call('EXISTS', name .. ':retired') == 1 and 2 or 0 }
end
local own = redis.call('HMGET', name, OWN, UNTIL)
if own[2] then return { 3 } end
local lifetime = tonumber(own[1] or '0')
if lifetime == 0 then lifetime = tonumber(ARGV[1]) end
local gain = lifetime - redis.call('PTTL', name) - 1
if gain < 0 or gain < math.min(tonumber(ARGV[2]), lifetime / 2) then return { 3 } end
return { 1, extend(name, ARGV[1]) }
