#!/bin/sh
# Installs what report pages are tested with: a browser, Node.js, and in page/node_modules what page/package-lock.json
# names. What cannot be had is said, and the tests that need it are skipped.
set -eu
page=$(dirname "$0")/../page

missing=""
[ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="chromium fonts-dejavu-core"
command -v node >/dev/null || missing="$missing nodejs"
command -v npm >/dev/null || missing="$missing npm"
if [ -n "$missing" ] && command -v apt-get >/dev/null; then
  echo "installing: $missing"
  as_root=""
  [ "$(id -u)" -eq 0 ] || as_root="sudo"
  # shellcheck disable=SC2086  # the package names are meant to be split
  { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null; } ||
    echo "without $missing report pages are not tested" >&2
fi

command -v npm >/dev/null || exit 0
installed=$page/node_modules/.package-lock.json
if [ ! "$installed" -nt "$page/package-lock.json" ]; then
  echo "installing: page/node_modules"
  npm ci --prefix "$page" --no-audit --no-fund --silent >/dev/null ||
    echo "npm could not install page/node_modules: report pages are not tested" >&2
  touch -c "$installed"
fi
