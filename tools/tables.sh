#!/usr/bin/env bash
# Writes docs/tables.md: tools/tables.sh OTBRIDGE [FOLDER] [SEEDS] [TABLE...]. Cells are kept in FOLDER: an interrupted run goes on,
# and a table that is not named (all are, by default) is taken from there as it is. SEEDS, if not empty, are those of every table.
set -euo pipefail
otbridge=$1 folder=${2:-tables} seeds=${3:-} tables=${*:4}
page=$(cd "$(dirname "$0")/.." && pwd)/docs/tables.md
mkdir -p "$folder"
# 4: filled, with a solver that refused a problem or did not converge, as the remarks below it say.
fill() {  # SECTION SEEDS TABLE OPTION...
  [[ -z $tables || " $tables " == *" $1 "* ]] || return 0
  "$otbridge" table "${@:3}" --seeds "${seeds:-$2}" -o "$folder/$1.md" || [ $? -eq 4 ]
}
fill gaussian 5 gaussian --solvers gaussian,sinkhorn,mixture,dsb,dsbm --set dsbm.samples=0
fill two-dim 5 two-dim --solvers sinkhorn,mixture,dsb,dsbm --set sinkhorn.samples=40000 --set dsbm.samples=0 --set dsb.start=mixture --set dsb.iterations=1 --set dsb.training_steps=6800 --set dsb.steps=100 --set dsb.thinning=8 --set dsb.time_features=64
fill eot-mixtures 3 eot-mixtures --solvers sinkhorn,mixture
fill eot-mixtures-dsbm 5 eot-mixtures --solvers dsbm --set "dsbm.hidden=[128,128,128,128]" --set dsbm.samples=0 --only "D = 2, epsilon 1" --only "D = 16, epsilon 1" --only "D = 64, epsilon 1" --only "D = 128, epsilon 1"
blurred=(blurred --solvers sinkhorn,mixture,dsb,dsbm --set dsbm.samples=0 --set "dsbm.hidden=[64,64,64,64,64,64,64,64]" --set "dsb.hidden=[64,64,64,64,64,64]" --set dsb.start=reference)
fill blurred 5 "${blurred[@]}" --set dsbm.training_steps=16000 --only moons --only spiral --only checkerboard
fill blurred-product 1 "${blurred[@]}" --set dsbm.training_steps=12000 --only product
{
  cat << 'TEXT'
# Tables

The benchmark tables of the field, written by `make tables` (`tools/tables.sh`), which runs the command that stands above each. Figures are
means over seeds, with their standard deviation where there are several; `sinkhorn` has 10000 draws of either law (40000 in two-dim, whose
path energies are measured by its own), `mixture` begins with 10000,
and like `dsb` and `dsbm` it may draw more (`dsbm.samples=0` leaves their number to the solver). Beside the
solvers stand yardsticks: exact draws of the true bridge (`truth`), the Euler chain of the true drift, the two laws drawn independently; the
floor, what exact draws score in place of a plan's; and published figures. What the columns mean: [metrics.md](metrics.md);
which problems have a truth: [truth](solvers/truth.md). Seconds are those of two cores of an AMD EPYC (AVX-512) with next to nothing beside; in
eot-mixtures-dsbm from D = 16 on with other work beside at a lower priority, and so in blurred-product, on two cores of an Intel Xeon (AVX-512). Figures of `dsb` in
blurred and blurred-product are of commit e59fbe1 or before: since 8af07ff it draws its starts apart from its noise, which changes its
draws, and for these laws not what they are of. Those of `dsbm` there and in eot-mixtures-dsbm are of aea3600 or before: since b92e152 it no longer measures what
it learns by how far apart the laws are, which is next to nothing there; with seed 0 path KL on the checkerboard at epsilon 0.1 was 0.0166 and is 0.0161, on the spiral at
epsilon 2 0.0063 and 0.0063 (the command of blurred by `--solvers dsbm --only "checkerboard, epsilon 0.1" --only "spiral, epsilon 2" --seeds 1`).

TEXT
  for name in gaussian two-dim eot-mixtures eot-mixtures-dsbm blurred blurred-product; do
    sed "1s/.*/## $name/" "$folder/$name.md"
    echo
  done
} > "$page"
echo "$page"
