#!/usr/bin/env bash
# The command line under mpirun: answers, refusals and exit codes are those of one process, byte for byte.
# usage: ranks.sh OTBRIDGE MPIRUN quick|full|all
#   quick   solvers and refusals, each on two ranks, or on three of two threads
#   full    the other commands, likewise
#   all     both, on 1, 2, 3 and 5 ranks of one and two threads; some minutes, by hand
set -u
program=$(realpath "$1") mpirun=$2 tier=$3
# As root in a container, and with more ranks than processors, as Open MPI wants to be told; MPICH takes no notice.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe OMPI_MCA_hwloc_base_binding_policy=none
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0 runs=0

# What a command leaves in a folder of its own: files, standard output, the lines that it says itself, exit code.
# Seconds and the count of threads are all that may differ.
leave() { # FOLDER COMMAND...
  local folder=$1
  shift
  rm -rf "$folder" && mkdir "$folder" && cp inputs/* "$folder/" && cd "$folder" || exit 1
  timeout 120 "$@" > stdout 2> stderr < ../standard_input
  echo $? > code
  grep -aE '^(otbridge|note): ' stderr > said
  rm -f stderr
  sed -i -E '/"seconds_of": \{/,/\}/d; /"(seconds|threads|seconds_to_solve|solve_seconds)":/d' ./*.json ./*.cells stdout 2> /dev/null
  sed -i '/^\*\*seconds\*\*/,$d' ./*.md 2> /dev/null  # the last table of a page
  sed -i -E '/<dt>(time|seconds|threads)<.dt>/d; s/ converged in [^:]*:/ converged:/' ./*.html 2> /dev/null
  cd ..
}

compare() { # NAME RANKS THREADS ARGUMENTS...
  local name=$1 ranks=$2 threads=$3
  shift 3
  OMP_NUM_THREADS=$threads leave many "$mpirun" -n "$ranks" "$program" "$@"
  hold_against_one "$name on $ranks ranks of $threads threads: otbridge $*"
}

# Two ranks, of one thread and of three, against the one process of the last check.
uneven() { # ARGUMENTS...
  leave many "$mpirun" -n 1 "$program" "$@" --threads 1 : -n 1 "$program" "$@" --threads 3
  hold_against_one "on ranks of one and of three threads: otbridge $*"
}

hold_against_one() { # WHAT
  runs=$((runs + 1))
  diff -rq one many > differences || {
    fail "$1"
    cat differences
    diff -r one many | head -20
  }
}

fail() { # WHAT
  failures=$((failures + 1))
  echo "FAILED: $1"
}

# NAME ARGUMENTS...: on two ranks, then on three of two threads, in turn; or on all. The one process must end with $ends: 0, but
# where it is said.
turn=0 ends=0
check() {
  local name=$1
  shift
  OMP_NUM_THREADS=1 leave one "$program" "$@"
  [ "$(cat one/code)" = "$ends" ] || fail "$name: one process ends with $(cat one/code), not $ends"
  if [ "$tier" = all ]; then
    for ranks in 1 2 3 5; do for threads in 1 2; do compare "$name" $ranks $threads "$@"; done; done
  else
    turn=$((turn + 1))
    if [ $((turn % 2)) = 1 ]; then compare "$name" 2 1 "$@"; else compare "$name" 3 2 "$@"; fi
  fi
}

mkdir inputs
OMP_NUM_THREADS=1
"$program" sample moons --samples 900 --seed 3 -o inputs/moons.csv --quiet
"$program" sample 8gaussians --samples 700 --seed 4 -o inputs/eight.csv --quiet
echo '{"type": "gaussian", "mean": [0, 0], "cov": [[1, 0.5], [0.5, 2]]}' > inputs/gaussian.json
"$program" transport inputs/moons.csv inputs/eight.csv --plan inputs/plan.safetensors -o moved.csv --quiet
cp inputs/moons.csv standard_input

# A run that is cut by its time on two ranks and goes on on three is that of one process that was never cut.
resumed() {
  local run=(transport moons.csv eight.csv --solver dsb --epsilon 2 --quiet --set iterations=1 --set training_steps=3000
             --set hidden=[8] --set steps=5 --set map_samples=2 --set tolerance=10 --checkpoint run.ckpt -o moved.csv --plan p.safetensors)
  leave one "$program" "${run[@]}"
  leave cut "$mpirun" -n 2 "$program" "${run[@]}" --time-limit 0.5
  [ "$(cat cut/code)" = 4 ] && cp cut/run.ckpt inputs/ || fail "resumed: the first run was not cut"
  leave many "$mpirun" -n 3 "$program" "${run[@]}"
  rm -f inputs/run.ckpt one/run.ckpt* many/run.ckpt*
  runs=$((runs + 1))
  diff -rq one many || fail "resumed"
}

# A table that a signal ended after its first cells goes on from them, on three ranks, to that of one process that was never ended. (In
# the file of cells one may stand later: the signal may have come between two of a round.)
resumed_table() {
  local run=(table gaussian --solvers sinkhorn,mixture --only "d = 20" --seeds 4 --samples 2000 -o table.md --quiet)
  leave one "$program" "${run[@]}"
  rm -rf cut && mkdir cut && cd cut || exit 1
  "$mpirun" -n 2 "$program" "${run[@]}" > said 2>&1 < /dev/null &
  while [ ! -s table.md.cells ] && kill -0 $! 2> /dev/null; do sleep 0.02; done
  kill -TERM $!
  wait $!
  cd ..
  [ -s cut/table.md.cells ] && [ ! -e cut/table.md ] || fail "resumed_table: the first run was not ended in its midst"
  cp cut/table.md.cells inputs/
  leave many "$mpirun" -n 3 "$program" "${run[@]}"
  rm -f inputs/table.md.cells one/table.md.cells many/table.md.cells
  runs=$((runs + 1))
  diff -rq one many || fail "resumed_table"
}

# Ranks of several instruction sets would not have the bytes of one: refused, whatever they are to do.
unlike() {
  mkdir -p many && cd many || exit 1
  timeout 120 "$mpirun" -n 1 env OTBRIDGE_KERNELS=baseline "$program" "$@" : -n 1 "$program" "$@" > stdout 2> said < /dev/null
  local code=$?
  cd ..
  runs=$((runs + 1))
  [ "$code" = 3 ] && grep -q "^otbridge: rank 1 has the kernels .*, the first has baseline: ranks must compute alike" many/said || {
    fail "unlike: otbridge $*"
    cat many/said
  }
}

if [ "$tier" != full ]; then
  check sinkhorn transport moons.csv eight.csv -o moved.csv --plan p.safetensors --plot moved.svg --json --quiet
  check exact transport moons.csv eight.csv --solver exact -o moved.npy --plan p.safetensors --json --quiet
  check gaussian transport gaussian.json gaussian.json --solver gaussian --samples 500 -o moved.csv --json --quiet
  check mixture transport moons.csv eight.csv --solver mixture -o moved.csv --json --quiet
  check standard_input transport - eight.csv --quiet
  ends=5 check missing transport nowhere.csv eight.csv --quiet
  ends=2 check usage transport moons.csv eight.csv --epsilon -1
  ends=5 check no_folder transport moons.csv eight.csv -o no/where.csv --quiet
  check distance distance moons.csv eight.csv --json
  check apply apply plan.safetensors --input moons.csv -o moved.csv --quiet
  uneven apply plan.safetensors --input moons.csv -o moved.csv --quiet
  check interpolate interpolate moons.csv eight.csv --frames 3 -o frames.npy --quiet
  ends=4 check not_converged transport moons.csv eight.csv --epsilon-relative 0.001 --set iterations=3 --set tolerance=1e-9 -o moved.csv --quiet
  # Neural bridges.
  neural="--epsilon 2 --quiet --json --set training_steps=30 --set hidden=[8] --set steps=5 --set tolerance=10"
  # shellcheck disable=SC2086
  {
    check dsb transport moons.csv eight.csv --solver dsb $neural --set iterations=1 --set map_samples=2 -o moved.csv --plan p.safetensors
    check dsbm transport moons.csv eight.csv --solver dsbm $neural --set samples=400 -o moved.csv
  }
  resumed
fi
if [ "$tier" != quick ]; then
  check sample sample moons --samples 1000
  check list list laws
  check describe describe moons.csv
  check help transport --help
  check compare compare moons.csv eight.csv --solvers sinkhorn,exact --json --quiet
  check report transport moons.csv eight.csv -o moved.csv --report page.html --quiet
  # Ten cells: on two ranks each fills five; on three one of them fills four, and the others wait for it.
  table=(table gaussian --solvers gaussian,sinkhorn --only "d = 5" --seeds 2 --samples 500 -o table.md --quiet)
  check table "${table[@]}"
  compare table 3 1 "${table[@]}"
  resumed_table
  if OTBRIDGE_KERNELS=avx2 "$program" transport moons moons --samples 10 -o moved.csv --quiet 2> /dev/null; then
    unlike "${table[@]}"
    unlike apply ../inputs/plan.safetensors --input ../inputs/moons.csv -o moved.csv
  fi
  check high transport gaussian.json gaussian.json --samples 600 --seed 5 -o moved.csv --quiet
fi
echo "$runs runs, $failures differ"
[ "$failures" = 0 ]
