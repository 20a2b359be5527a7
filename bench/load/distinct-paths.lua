-- A million different paths of one route: what is cached by path does not help.
local next_id = 0
local head = wrk.method .. " /users/"

function init()
  local host = wrk.headers["Host"]
  tail = " HTTP/1.1\r\nHost: " .. host .. "\r\n\r\n"
end

function request()
  next_id = (next_id + 1) % 1000000
  return head .. next_id .. tail
end
