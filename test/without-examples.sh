#!/usr/bin/env bash
# What a user has who wants no examples: in a copy, the folder and the "workspaces" line are deleted, and everything that is
# left must pass. .ci/run calls it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | tar --null --files-from=- --create | tar --extract --directory="$copy"
cd "$copy"

rm -r examples
npm pkg delete workspaces
npm install --no-audit --no-fund
npm test
npm run check
