-- KEYS: session. Returns 0 missing, 1 found with fields, age and life, 2 retired, 3 ended.
local name = KEYS[1]
if is_live(name) then
  local created = tonumber(redis.call('HGET', name, CREATED) or '0')
  local ends = now() + redis.call('PTTL', name) + 1
  local since = text(math.max(now() - created, 0))
  return { 1, { redis.call('HGETALL', name), since, life(name, ends) } }
end
if redis.call('EXISTS', name .. ':retired') == 1 then return { 2 } end
if redis.call('EXISTS', name .. ':reserved') == 1 then return { 3 } end
return { 0 }
