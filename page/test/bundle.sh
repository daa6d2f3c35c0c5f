#!/bin/sh
# Whether the committed script and style are what page/src makes, with the versions that the lock file names.
set -eu
cd "$(dirname "$0")/.."
if ! command -v node >/dev/null || [ ! -d node_modules/esbuild ]; then
  echo "skipped: no esbuild in page/node_modules (make page-tools installs it)"
  exit 0
fi
node build.mjs --check
