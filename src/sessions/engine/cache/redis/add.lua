-- KEYS: session. ARGV: last ms since 1970, absolute limit in ms or '', field, summand.
-- Numbers of Lua are exact up to 2^53 only, so HINCRBY adds, and the sum is left as text.
local MOST, LEAST = '9223372036854775807', '-9223372036854775808'

local function whole(text)
  local number = tonumber(text)
  if not number then return '0' end
  if number >= 2 ^ 63 then return MOST end
  if number <= -2 ^ 63 then return LEAST end
  -- Adding 0 makes 0 of -0, which HINCRBY does not take.
  return string.format('%.0f', 0 + (number < 0 and -math.floor(-number) or math.floor(number)))
end

local name = current(KEYS[1], ARGV[2])
if not name then return { 0, {} } end
local field, by = ARGV[3], ARGV[4]
local sum = redis.pcall('HINCRBY', name, field, by)
if type(sum) == 'table' and string.find(sum.err, 'not an integer') then
  redis.call('HSET', name, field, whole(redis.call('HGET', name, field)))
  sum = redis.pcall('HINCRBY', name, field, by)
end
if type(sum) == 'table' then
  if not string.find(sum.err, 'overflow') then return sum end
  redis.call('HSET', name, field, string.sub(by, 1, 1) == '-' and LEAST or MOST)
end
local fields = redis.call('HGETALL', name)
if redis.call('HEXISTS', name, '_session_expiry') == 0 then
  prolong(name, tonumber(ARGV[1]), ARGV[2])
end
return { name == KEYS[1] and 1 or 2, fields }
