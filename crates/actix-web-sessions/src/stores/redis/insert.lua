-- KEYS: session. ARGV: policy's lifetime, age, reservation or '', kind and value of the expiry,
-- changes. Returns the life, or an empty list if the key is in use.
local name = KEYS[1]
if is_live(name) or redis.call('EXISTS', name .. ':retired', name .. ':reserved') > 0 then return {} end
redis.call('HSET', name, CREATED, text(now() - tonumber(ARGV[2])))
change(name, 6)
set_expiry(name, ARGV[4], ARGV[5])
if ARGV[3] ~= '' and tonumber(ARGV[3]) > 0 then
  redis.call('SET', name .. ':reserved', '1', 'PX', ARGV[3])
end
return extend(name, ARGV[1])
