#!/bin/sh
# Compiles wasm/ to build-wasm/playground.wasm. usage: tools/build_wasm.sh [JOBS]
set -eu
cd "$(dirname "$0")/.."
cmake -S wasm -B build-wasm -DCMAKE_TOOLCHAIN_FILE="$PWD/wasm/toolchain.cmake" >/dev/null
cmake --build build-wasm -j "${1:-$(nproc)}" >/dev/null
