-- What the other scripts share. A session is a hash: one field for each of its keys, holding JSON
-- text, and CREATED, which no session key can be called and which keeps an empty session there.
local CREATED = '\0created'

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The moment that ends this session whatever happens, nil when there is none.
local function last_moment(name, absolute)
  if absolute == '' then return nil end
  return tonumber(redis.call('HGET', name, CREATED)) + tonumber(absolute)
end

local function lives(name, absolute)
  if redis.call('EXISTS', name) == 0 then return false end
  local last = last_moment(name, absolute)
  return not last or last > now()
end

-- The session of this name or the one that replaced it a moment ago, nil when there is none.
local function current(name, absolute)
  for _ = 0, 4 do
    if lives(name, absolute) then return name end
    name = redis.call('GET', name .. ':retired')
    if not name then return nil end
  end
end

local function prolong(name, expires, absolute)
  local last = last_moment(name, absolute)
  if last then expires = math.min(expires, last) end
  redis.call('PEXPIREAT', name, string.format('%.0f', expires))
end

-- Arguments from the given one on: how many fields to set, those with their texts, and the fields
-- to remove.
local function change(name, first)
  local last = first + 2 * ARGV[first]
  for i = last + 1, #ARGV do redis.call('HDEL', name, ARGV[i]) end
  for i = first + 1, last, 2 do redis.call('HSET', name, ARGV[i], ARGV[i + 1]) end
end
