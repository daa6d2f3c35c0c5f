#!/bin/sh
# The site of the documentation, built, and opened in Chromium where that is. usage: page/test/site.sh PYTHON BUILD_DIR [SHOTS]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
index=$("$here/../../tools/docs_site.sh" "$1" "$2")
echo "$index"
if ! command -v node >/dev/null || [ ! -d "$here/../node_modules/playwright-core" ]; then
  echo "not opened: no playwright-core in page/node_modules (make page-tools installs it)"
  exit 0
fi
node "$here/site.mjs" "$(dirname "$index")" ${3:+--shots "$3"}
