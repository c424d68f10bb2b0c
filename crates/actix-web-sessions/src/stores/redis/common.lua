-- Precedes each other script. A session is a hash with one field of JSON for each value, and fields
-- whose names begin with NUL, which no value can have. `<name>:retired` is a hash with the successor
-- and the end of the time in which it is followed; `<name>:reserved` exists while the name is reserved.
local CREATED, OWN, UNTIL = '\0created', '\0own', '\0until'
local GONE, APPLIED, SUCCESSOR, REFUSED = 0, 1, 2, 3

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function text(number)
  return string.format('%.0f', number)
end

-- Whether there is a live session under a name. A value of another type is damaged, and removed.
local function is_live(name)
  local kind = redis.call('TYPE', name).ok
  if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', name) end
  return kind == 'hash'
end

-- Returns the name of the live session under a name or its successors, or nil and the state.
local function current(name)
  for _ = 0, 16 do
    if is_live(name) then return name end
    local retired = redis.call('HMGET', name .. ':retired', 'successor', 'follow')
    if not retired[1] then return nil, GONE end
    if tonumber(retired[2]) <= now() then return nil, REFUSED end
    name = retired[1]
  end
  return nil, REFUSED
end

-- Returns the own lifetime in ms (0: until the browser closes), the own end in ms since 1970, and the
-- remaining ms.
local function life(name, ends)
  local own = redis.call('HMGET', name, OWN, UNTIL)
  return { own[1] or '', own[2] or '', text(math.max(ends - now(), 0)) }
end

-- Sets the deadline by the stored expiry, one ms earlier: Redis still returns a key in the millisecond
-- in which it expires.
local function extend(name, age)
  local own = redis.call('HMGET', name, OWN, UNTIL)
  local ends
  if own[2] then
    ends = tonumber(own[2])
  else
    local lifetime = tonumber(own[1] or '0')
    ends = now() + (lifetime == 0 and tonumber(age) or math.max(lifetime, 0))
  end
  local result = life(name, ends)
  redis.call('PEXPIREAT', name, text(math.max(ends - 1, 1)))
  return result
end

-- `kind` is '' to leave the expiry, or p(olicy), l(ifetime), u(ntil).
local function set_expiry(name, kind, value)
  if kind == '' then return end
  redis.call('HDEL', name, OWN, UNTIL)
  if kind == 'l' then redis.call('HSET', name, OWN, value) end
  if kind == 'u' then redis.call('HSET', name, UNTIL, value) end
end

-- Applies the arguments from `first` on: the number of fields to set, these with their JSON, and the
-- fields to remove.
local function change(name, first)
  local last = first + 2 * ARGV[first]
  for i = last + 1, #ARGV do redis.call('HDEL', name, ARGV[i]) end
  for i = first + 1, last, 2 do redis.call('HSET', name, ARGV[i], ARGV[i + 1]) end
end

-- Returns all fields, the age in ms and the life. Reads before it sets the deadline, which may end the
-- session.
local function snapshot(name, age)
  local fields = redis.call('HGETALL', name)
  local created = tonumber(redis.call('HGET', name, CREATED) or '0')
  local since = text(math.max(now() - created, 0))
  return { fields, since, extend(name, age) }
end
