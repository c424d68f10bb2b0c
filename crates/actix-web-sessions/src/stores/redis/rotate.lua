-- KEYS: session, its new name. ARGV: policy's lifetime, kind and value of the expiry, ms that the old
-- name is followed, ms that it is known, changes. Returns 0 gone, 1 rotated with the life, 2 retired.
local old, new = KEYS[1], KEYS[2]
if not is_live(old) then
  return { redis.call('EXISTS', old .. ':retired') == 1 and 2 or 0 }
end
if redis.call('EXISTS', new) == 1 then return redis.error_reply('ERR the new key is in use') end
redis.call('RENAME', old, new)
local retired = old .. ':retired'
redis.call('HSET', retired, 'successor', new, 'follow', text(now() + tonumber(ARGV[4])))
redis.call('PEXPIRE', retired, ARGV[5])
change(new, 6)
set_expiry(new, ARGV[2], ARGV[3])
return { 1, extend(new, ARGV[1]) }
