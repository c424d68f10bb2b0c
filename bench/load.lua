-- For wrk: requests drawn from PATHS, a file with one path a line, each with a cookie from COOKIES,
-- a file with one cookie a line (unset: none). All are formatted before the clock starts. Cookies come
-- in turn, so that no visitor asks twice at once: Django would count one of the two visits.
local READY, THREADS = 4096, 2

local function lines(name)
  local list = {}
  for line in io.lines(name) do list[#list + 1] = line end
  return list
end

local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("seed", os.time() * 100 + threads)
  thread:set("number", threads)
end

local requests, next = {}, 0
function init()
  math.randomseed(seed)
  local paths = lines(os.getenv("PATHS"))
  local cookies = os.getenv("COOKIES") and lines(os.getenv("COOKIES"))
  for i = 1, READY do
    local headers = {}
    if cookies then headers["Cookie"] = cookies[(THREADS * i + number) % #cookies + 1] end
    if os.getenv("ENCODING") then headers["Accept-Encoding"] = os.getenv("ENCODING") end
    requests[i] = wrk.format("GET", paths[math.random(#paths)], headers)
  end
end

function request()
  next = next % READY + 1
  return requests[next]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.4f,"p50_ms":%.3f,"p99_ms":%.3f,"bytes":%d,"refused":%d,"failed":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, summary.bytes, errors.status,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
