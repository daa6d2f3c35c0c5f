#!/bin/sh
# The playground in Chromium, its numbers against the program's. usage: page/test/playground.sh OTBRIDGE FOLDER [SHOTS]
set -eu
otbridge=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
cd "$2"

if ! command -v node >/dev/null || [ ! -d "$here/../node_modules/playwright-core" ]; then
  echo "skipped: no playwright-core in page/node_modules (make page-tools installs it)"
  exit 0
fi
node "$here/playground.mjs" "$otbridge" "$(realpath "$here/../../docs/playground.html")" ${3:+"$3"}
