-- What the other scripts share. KEYS[1] is the copy, a hash with the epoch that it was made in,
-- its text and until when it may be used. The database has the epoch. A new one makes all copies
-- and permits void. A permit is its epoch and a text drawn anew.
local COPY, PERMIT, WRITES = KEYS[1], KEYS[1] .. ':permit', KEYS[1] .. ':writes'

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function void()
  redis.call('DEL', COPY, PERMIT)
end

-- Forgets the writes that nobody waits for any more; returns how many are under way.
local function writes()
  redis.call('ZREMRANGEBYSCORE', WRITES, '-inf', string.format('%.0f', now()))
  return redis.call('ZCARD', WRITES)
end
