#!/usr/bin/env bash
# What the image does to packages and to the kernel (image/collapse-*.ts) must change nothing but the time: in a copy they
# are collapsed, and the tests that see what a service starts with, sends and says of its bugs must pass there, too: by gRPC and
# http/protobuf, with calls to others and to Redis below the request, with stacks that name the service's files and the kernel's functions. .ci/run calls it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
{
  git ls-files -z
  printf 'node_modules\0'
} | tar --null --files-from=- --create | tar --extract --directory="$copy"

npm exec -- node image/collapse-packages.ts "$copy"
npm exec -- node image/collapse-kernel.ts "$copy"
cd "$copy"
tests=(test/{exports,otel-environment,outgoing,requests,scrape,start}.test.ts)
[ ! -e examples/key-value ] || tests+=(examples/key-value/test/telemetry.test.ts)
npm exec -- node --test "${tests[@]}"
