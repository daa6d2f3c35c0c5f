#!/usr/bin/env bash
# Runs the fuzzers of a build folder that was configured with OTBRIDGE_FUZZ, for some seconds each. What they find is
# kept in BUILD/fuzz/found, what they learn in BUILD/fuzz/corpus; reduce a finding with `fuzz_READER -minimize_crash=1`
# and add it to tests/fuzz/corpus.
# FUZZ_SEED: the same inputs in each run from an empty BUILD/fuzz, as far as the seconds reach; 0, the default: others.
# usage: tests/fuzz/run.sh BUILD [SECONDS] [JOBS] [READER...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
seconds=${2:-12}
jobs=${3:-2}
readers=("${@:4}")
[ ${#readers[@]} -gt 0 ] || mapfile -t readers < <(ls "$here/corpus")

export OMP_NUM_THREADS=1 LSAN_OPTIONS="suppressions=$here/../leaks.supp:print_suppressions=0"

one() {
  local reader=$1 work=$build/fuzz
  mkdir -p "$work/corpus/$reader" "$work/found"
  # Any kilobytes at all must be answered in seconds and within memory of some multiple of them.
  if "$build/tests/fuzz/fuzz_$reader" -max_total_time="$seconds" -seed="${FUZZ_SEED:-0}" -max_len=4096 -timeout=10 \
      -malloc_limit_mb=512 -rss_limit_mb=1536 -dict="$here/words.dict" -artifact_prefix="$work/found/$reader-" \
      -print_final_stats=1 "$work/corpus/$reader" "$here/corpus/$reader" > "$work/$reader.log" 2>&1; then
    echo "$reader: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$reader.log") runs"
  else
    echo "$reader: FAILED, in $work/$reader.log:"
    grep -v -e '^#' -e NEW_FUNC "$work/$reader.log" | cut -c 1-400 | head -n 40
    return 1
  fi
}
export -f one
export here build seconds
printf '%s\n' "${readers[@]}" | xargs -P "$jobs" -I {} bash -c 'one {}'
