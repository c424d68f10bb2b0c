-- KEYS: session. ARGV: reservation in ms or ''.
local name = KEYS[1]
if ARGV[1] ~= '' and tonumber(ARGV[1]) > redis.call('PTTL', name .. ':reserved') then
  redis.call('SET', name .. ':reserved', '1', 'PX', ARGV[1])
end
for _ = 0, 16 do
  if redis.call('DEL', name) == 1 then return 1 end
  name = redis.call('HGET', name .. ':retired', 'successor')
  if not name then return 0 end
end
return 0
