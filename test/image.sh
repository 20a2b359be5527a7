#!/usr/bin/env bash
# The image's check: builds it, runs it as locked up as a cluster would, and asks what only a container can answer.
# Called by .ci/run; by hand it needs a Docker engine and any Node from 20 on. Stops at the first thing that is not so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

image=plainsight:image-check-$$
work=$(mktemp -d)
containers=()
passed=0

cleanup() {
  [ ${#containers[@]} = 0 ] || docker rm --force "${containers[@]}" >/dev/null
  docker image rm --force "$image" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

check() { # WHAT COMMAND...
  local what=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok      $what"
    return
  fi
  echo "NOT OK  $what"
  for container in "${containers[@]}"; do docker logs --tail 20 "$container"; done
  echo "$passed passed, 1 failed"
  exit 1
}

milliseconds() { node -p 'Date.now()'; }

# Port 8080 of the image on a free port of the loopback: nobody else may ask.
start() { # NAME OF THE VARIABLE FOR THE ID, OPTION OF docker run...
  local -n started=$1
  shift
  started=$(docker run --detach --read-only --cap-drop ALL --security-opt no-new-privileges \
    --publish 127.0.0.1::8080 --health-interval 1s "$@" "$image")
  containers+=("$started")
}

# Not with `fetch`: the one of Node 20 never settles where Docker's proxy takes a connection and drops it.
get() { # CONTAINER PATH; asks until there is an answer, for at most 20 s
  timeout 20 node -e '
    const [url] = process.argv.slice(1)
    const again = () => setTimeout(ask, 10)
    function ask() {
      const request = http.get(url, { agent: false, timeout: 1000 }, (answer) => {
        if (answer.statusCode === 200) answer.pipe(process.stdout)
        else answer.resume().on("end", again)
      })
      request.on("timeout", () => request.destroy()).on("error", again)
    }
    ask()' "http://$(docker port "$1" 8080/tcp)$2"
}

status_of() { # CONTAINER PATH
  node -e 'http.get(process.argv[1], ({ statusCode }) => { console.log(statusCode); process.exit() })' "http://$(docker port "$1" 8080/tcp)$2"
}

has() { grep -qE "$2" <<<"$1"; }
lacks() { ! has "$@"; }

is_healthy() { # CONTAINER; within 30 s
  for _ in $(seq 150); do
    case $(docker inspect --format '{{.State.Health.Status}}' "$1") in
      healthy) return 0 ;;
      unhealthy) return 1 ;;
    esac
    sleep 0.2
  done
  return 1
}

is_now_in_shanghai() { # GREETING
  node -e '
    const [, date, time] = / at (\S+) (\S+)\n?$/.exec(process.argv[1])
    const seconds = Math.abs(Date.now() - Date.parse(`${date}T${time}+08:00`)) / 1000
    process.exit(seconds < 60 ? 0 : 1)' "$1"
}

is_json_lines() { # FILE
  node -e '
    const lines = fs.readFileSync(process.argv[1], "utf8").trimEnd().split("\n")
    process.exit(lines.every((line) => JSON.parse(line).msg) ? 0 : 1)' "$1"
}

# The image's own health command, run once with other settings.
probe() { # CONTAINER OPTION OF docker exec...
  local container=$1 command
  shift
  command=$(docker inspect --format '{{index .Config.Healthcheck.Test 3}}' "$container")
  docker exec "$@" "$container" /nodejs/bin/node -e "$command"
}
fails() { ! "$@" >/dev/null 2>&1; }

if ! docker build --progress plain --build-arg VERSION=1.2.3 --build-arg REVISION=abc123 --tag "$image" . >"$work/build" 2>&1; then
  tail -40 "$work/build"
  check 'the image builds' false
fi
check 'the image builds' true

config=$(docker inspect --format '{{json .Config}}' "$image")
for label in title:plainsight licenses:MIT version:1.2.3 revision:abc123; do
  check "the label ${label%%:*} is ${label#*:}" has "$config" "\"org.opencontainers.image.${label%%:*}\":\"${label#*:}\""
done
check 'the label description is there' has "$config" '"org.opencontainers.image.description":"[^"]'
check 'its user is a number' has "$config" '"User":"65532(:65532)?"'

start service --env TZ=Asia/Shanghai
began=$(milliseconds)
greeting=$(get "$service" /) || check 'it answers' false
first_answer_ms=$(($(milliseconds) - began))
check 'it becomes healthy' is_healthy "$service"
check 'the greeting names the version' has "$greeting" 'version 1\.2\.3 at '
check "the greeting's clock follows TZ" is_now_in_shanghai "$greeting"
check 'service_info names the revision' has "$(get "$service" /metrics)" '^service_info\{.*revision="abc123"'

docker export "$service" | tar --list >"$work/files"
files=$(<"$work/files")
check 'zone data is there' has "$files" '^usr/share/zoneinfo/Asia/Shanghai$'
check 'no test is there' lacks "$files" '^app/.*\.test\.ts$'
check 'no shell and no npm are there' lacks "$files" '(^|/)(sh|bash|dash|busybox|npm)$'
check 'docker exec finds no shell' fails docker exec "$service" sh -c true

status=$(docker exec "$service" /nodejs/bin/node -p 'fs.readFileSync("/proc/1/status", "utf8")')
check 'its process is user 65532' has "$status" '^Uid:\s+65532\s+65532\s+65532\s+65532$'
check 'its process has no capability' has "$status" '^CapBnd:\s+0+$'
check 'its process can gain no privilege' has "$status" '^NoNewPrivs:\s+1$'

check 'the health command succeeds' probe "$service"
check 'the health command fails on a port where nobody listens' fails probe "$service" --env PORT=1
check 'the health command prefers OPS_PORT' fails probe "$service" --env OPS_PORT=1

began=$(milliseconds)
docker stop "$service" >/dev/null
stop_ms=$(($(milliseconds) - began))
docker logs "$service" >"$work/stdout" 2>"$work/stderr"
check 'docker stop takes less than 5 s' [ "$stop_ms" -lt 5000 ]
check 'it exits with 0' [ "$(docker inspect --format '{{.State.ExitCode}}' "$service")" = 0 ]
check 'every line on stdout is JSON' is_json_lines "$work/stdout"
check 'stderr is empty' [ ! -s "$work/stderr" ]

# As if no VERSION had been given; and what is cached for the start must be taken, or it is only ballast.
start other --env VERSION= --env OPS_PORT=9090 --env NODE_DEBUG_NATIVE=COMPILE_CACHE
greeting=$(get "$other" /) || check 'it answers without VERSION, with OPS_PORT' false
check 'it becomes healthy with OPS_PORT' is_healthy "$other"
check 'without VERSION it reports that of package.json' has "$greeting" "version $(node -p 'require("./package.json").version') at "
docker stop "$other" >/dev/null
docker logs "$other" >"$work/log" 2>&1
log=$(<"$work/log")
check 'Node takes its compile cache' has "$log" '/src/main\.ts was accepted'
check 'Node rejects nothing of it' lacks "$log" 'was rejected'
check 'a start opens few files of packages' [ "$(grep -c 'node_modules/.* was accepted' <<<"$log")" -lt 250 ]

start faulty --env DEMO_ROUTES=true
get "$faulty" /livez >/dev/null || check 'it answers with DEMO_ROUTES' false
check 'a bug is a 500' [ "$(status_of "$faulty" /demo/bug)" = 500 ]
docker stop "$faulty" >/dev/null
bug=$(grep -nF 'order.customer.name' src/service/demonstration.ts | cut -d: -f1)
check 'the stack of a bug names our file and line' has "$(docker logs "$faulty")" "/app/src/service/demonstration\.ts:$bug:"

start_ms=$(grep -oE '"start_ms":[0-9]+' "$work/stdout" | grep -oE '[0-9]+')
size_mb=$(($(docker inspect --format '{{.Size}}' "$image") / 1000000))
echo "listening after $start_ms ms, first answer after $first_answer_ms ms, stopped in $stop_ms ms, image of $size_mb MB"
echo "$passed passed, 0 failed"
