-- KEYS: session. ARGV: policy's lifetime, field, summand.
-- Numbers of Lua are exact up to 2^53 only, so HINCRBY adds, and the sum is left as text.
local MOST, LEAST = '9223372036854775807', '-9223372036854775808'

local function integer(json)
  local number = tonumber(json)
  if not number then return '0' end
  if number >= 2 ^ 63 then return MOST end
  if number <= -2 ^ 63 then return LEAST end
  -- Adding 0 makes 0 of -0, which HINCRBY does not take.
  return string.format('%.0f', 0 + (number < 0 and -math.floor(-number) or math.floor(number)))
end

local name, why = current(KEYS[1])
if not name then return { why } end
local field, by = ARGV[2], ARGV[3]
local sum = redis.pcall('HINCRBY', name, field, by)
if type(sum) == 'table' and string.find(sum.err, 'not an integer') then
  redis.call('HSET', name, field, integer(redis.call('HGET', name, field)))
  sum = redis.pcall('HINCRBY', name, field, by)
end
if type(sum) == 'table' then
  if not string.find(sum.err, 'overflow') then return sum end
  redis.call('HSET', name, field, string.sub(by, 1, 1) == '-' and LEAST or MOST)
end
return { name == KEYS[1] and APPLIED or SUCCESSOR, snapshot(name, ARGV[1]) }
