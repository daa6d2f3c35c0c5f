#!/bin/sh
# The main job: moves clouds between laws with the solvers, compares them, draws pictures.
# usage: tools/demo.sh OTBRIDGE OUTPUT_DIR
set -eu

# Waiting threads sleep, so that the demo shares a busy machine.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"

otbridge=$(realpath "$1")
out=$2
problems=$(dirname "$0")/../data/problems
mkdir -p "$out"

step() { printf '\n== %s\n' "$1"; }

step "gaussian: the closed form, N(-0.1, I) to N(0.1, I) in dimension 5"
"$otbridge" transport "$problems/gaussian_5d.json" --solver gaussian -o "$out/gaussian_5d.csv"

step "sinkhorn: moons to 8 gaussians, with a certificate"
"$otbridge" transport "$problems/moons_to_8gaussians.json" --solver sinkhorn -o "$out/moons_sinkhorn.csv" \
  --plan "$out/moons_sinkhorn.safetensors" --plot "$out/moons_sinkhorn.svg" \
  --plot-convergence "$out/moons_convergence.svg"
"$otbridge" interpolate "$problems/moons_to_8gaussians.json" --solver sinkhorn --frames 5 -o "$out/moons_paths.npy" \
  --plot "$out/moons_slices.svg" --plot-paths "$out/moons_paths.svg"

step "sinkhorn: a 3-D shape morph, with its film and its report page"
"$otbridge" interpolate "$problems/shape_morph.json" --frames 60 -o "$out/shape_morph.npy" \
  --animate "$out/shape_morph.gif" --report "$out/shape_morph.html"

step "a saved plan moves new points"
"$otbridge" sample moons@torchcfm --samples 500 --seed 7 -o "$out/new_moons.csv"
"$otbridge" apply "$out/moons_sinkhorn.safetensors" --input "$out/new_moons.csv" -o "$out/new_moved.csv"

step "comparison with the truth: gaussian, sinkhorn, exact and dsb on the Gaussian pair in dimension 2"
"$otbridge" compare "$problems/gaussian_2d.json" --solvers gaussian,sinkhorn,exact,dsb --set dsb.iterations=3 --set dsb.training_steps=1500 --plot "$out/compare_gaussian.svg" --report "$out/compare_gaussian.html" ||
  [ $? -eq 4 ]

step "neural bridges beside sinkhorn: dsb and dsbm, moons to 8 gaussians"
"$otbridge" compare moons@torchcfm 8gaussians@torchcfm --solvers sinkhorn,dsb,dsbm --epsilon 1 \
  --set dsb.iterations=4 --set dsb.training_steps=1500 --set dsbm.training_steps=4000 \
  --plot "$out/compare_moons.svg" || [ $? -eq 4 ]

# A third of the default optimiser steps: enough for a picture.
step "their paths"
for run in "sinkhorn" "dsb --set iterations=4 --set training_steps=1200" "dsbm --set training_steps=2700"; do
  # shellcheck disable=SC2086 # a solver and its options
  "$otbridge" interpolate moons@torchcfm 8gaussians@torchcfm --epsilon 1 --solver $run --frames 5 \
    -o "$out/bridge_${run%% *}.npy" --plot "$out/slices_${run%% *}.svg" --plot-paths "$out/paths_${run%% *}.svg" || [ $? -eq 4 ]
done

printf '\nresults, pictures and report pages are in %s/; open %s/compare_gaussian.html\n' "$out" "$out"
