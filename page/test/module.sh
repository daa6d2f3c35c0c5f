#!/bin/sh
# Whether the solvers within docs/playground.html are what src/ and wasm/ make, to the byte.
set -eu
page=$(cd "$(dirname "$0")/.." && pwd)
if ! command -v clang++-19 >/dev/null || ! command -v wasm-ld-19 >/dev/null || [ ! -d /usr/include/wasm32-wasi/c++ ]; then
  echo "skipped: no clang for WebAssembly (tools/install_deps.sh wasm installs it)"
  exit 0
fi
if ! command -v node >/dev/null || [ ! -d "$page/node_modules/esbuild" ]; then
  echo "skipped: no esbuild in page/node_modules (make page-tools installs it)"
  exit 0
fi
"$page/../tools/build_wasm.sh"
node "$page/build.mjs" --check --module "$page/../build-wasm/playground.wasm"
