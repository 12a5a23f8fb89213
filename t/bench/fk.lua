-- wrk's side of t/bench/run: FK requests, each different from all others, and
-- a count of what was answered. Arguments: the request ("punch" or "poll"),
-- how connections are used ("keep" or "close"), the response_code that counts
-- as right ("-" counts every 200, "rows" leaves the counting to the caller),
-- the number of devices.

local threads = {}

function setup(thread)
    thread:set("id", #threads)
    table.insert(threads, thread)
end

-- globals, so that done() can read them from each thread
right = 0
wrong = 0
wrong_text = ""

local PUNCH = '{"fk_bin_data_lib":"FKDataHS101","io_mode":1,"io_time":"%s",' ..
    '"log_image":null,"user_id":"%d","verify_mode":1}\n\0'
local POLL = '{"fk_info":{"firmware":"ZFKL101HS100 V2.69 MG BS2A",' ..
    '"fk_bin_data_lib":"FKDataHS101"},"fk_name":"bench","fk_time":"%s"}\n\0'

local sent = 0

function init(arguments)
    kind, connection, expected = arguments[1], arguments[2], arguments[3]
    devices = tonumber(arguments[4])
    head = table.concat({
        connection == "keep" and "POST / HTTP/1.1" or "POST / HTTP/1.0",
        "Host: bench",
        connection == "keep" and "Connection: keep-alive"
            or "Connection: close",
        "request_code: " ..
            (kind == "punch" and "realtime_glog" or "receive_cmd"),
        "Content-Type: application/octet-stream",
        "blk_no: 0", ""}, "\r\n")
    if wrk.path ~= "/" then
        head = head:gsub("POST / ", "POST " .. wrk.path .. " ")
    end
    if expected == "rows" then
        -- who counts rows need not look at each answer, which costs this
        -- side more than the request
        response = nil
    end
    if kind == "punch" then
        prepare_punches()
    end
end

-- All punches of a thread have one length: only the time and the person
-- change from one to the next.
function prepare_punches()
    local first = string.format(PUNCH, "20260105000000", 100000000)
    -- shorter than 256 bytes, so that the length has one byte that is not 0
    local length = string.char(#first) .. "\0\0\0"
    local before, between, after =
        PUNCH:match("^(.*)%%s(.*)%%d(.*)$")
    punch_heads = {}
    for device = 0, devices - 1 do
        punch_heads[device] = string.format(
            "%sdev_id: BENCH%d\r\nContent-Length: %d\r\n\r\n%s%s20260105",
            head, device, #first + 4, length, before)
    end
    punch_middle, punch_tail = between, after
end

function punch()
    local second = sent % 86400
    local time = 1000000 + math.floor(second / 3600) * 10000 +
        math.floor(second / 60) % 60 * 100 + second % 60
    return punch_heads[(sent * 2 + id) % devices] ..
        string.sub(time, 2) .. punch_middle ..
        (100000000 + id * 400000000 + sent) .. punch_tail
end

function request()
    sent = sent + 1
    if kind == "punch" then
        return punch()
    end
    local second = sent % 86400
    local time = string.format("20260105%02d%02d%02d",
        math.floor(second / 3600), math.floor(second / 60) % 60, second % 60)
    local json = string.format(POLL, time)
    local body = string.char(#json) .. "\0\0\0" .. json
    return string.format("%sdev_id: BENCH%d\r\nContent-Length: %d\r\n\r\n%s",
        head, (sent * 2 + id) % devices, #body, body)
end

function response(status, headers)
    local code = headers["response_code"]
    if status == 200 and (expected == "-" or code == expected) then
        right = right + 1
    else
        wrong = wrong + 1
        wrong_text = string.format("%d %s", status, tostring(code))
    end
end

function done(summary)
    local right_total, wrong_total, text = 0, 0, ""
    if threads[1]:get("expected") == "rows" then
        wrong_total = summary.errors.status
        right_total = summary.requests - wrong_total
    end
    for _, thread in ipairs(threads) do
        right_total = right_total + thread:get("right")
        wrong_total = wrong_total + thread:get("wrong")
        if thread:get("wrong") > 0 then
            text = thread:get("wrong_text")
        end
    end
    local errors = summary.errors
    io.write(string.format(
        'BENCH {"right": %d, "wrong": %d, "wrong_text": "%s", ' ..
        '"seconds": %.6f, "connect_errors": %d, "socket_errors": %d}\n',
        right_total, wrong_total, text, summary.duration / 1e6,
        errors.connect, errors.read + errors.write + errors.timeout))
end
