-- wrk FILE PAUSE_MS COUNT: POST the lines of FILE in turn, and again. With PAUSE_MS each connection waits before each
-- request for a time drawn from an exponential distribution, so that requests arrive as from many independent clients.
-- With COUNT it sends so many, and stops once they are answered.
local requests, position = {}, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, nil, line)
  end
  local pause, count, answered = tonumber(arguments[2]), tonumber(arguments[3]), 0
  if pause > 0 then
    math.randomseed(1)
    function delay() return math.floor(-pause * math.log(1 - math.random()) + 0.5) end
  end
  if count > 0 then
    local begun = 0
    function delay() -- asked once before each request: what comes after the last one waits past the end
      begun = begun + 1
      return begun > count and 3600000 or 0
    end
    local failed = 0
    function response(status)
      answered = answered + 1
      if status > 399 then failed = failed + 1 end
      if answered == count then -- wrk itself would sleep for all of its time
        io.write(string.format('{"requests":%d,"failed":%d}\n', answered, failed))
        io.flush()
        os.exit(0)
      end
    end
  end
end

function request()
  position = position % #requests + 1
  return requests[position]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\n{"requests":%d,"microseconds":%d,"failed":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99)))
end
