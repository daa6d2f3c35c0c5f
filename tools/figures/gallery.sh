#!/bin/sh
# Draws the gallery: docs/gallery.md and its pictures, each by the command that stands beside it.
# usage: tools/figures/gallery.sh OTBRIDGE
set -eu

export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"

otbridge=$(realpath "$1")
root=$(realpath "$(dirname "$0")/../..")
page=$root/docs/gallery.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
ln -s "$root/data" data
rm -f "$root"/docs/images/gallery/*.svg

otbridge() { OMP_NUM_THREADS=1 "$otbridge" "$@"; }
# The commands that a picture needs before its own, a line each.
before=""
prepare() {
  before="$before$1
"
  eval "$1"
}

# picture NAME TITLE WORDS COMMAND: the command writes NAME.svg; 4 is a tolerance not reached.
picture() {
  eval "$4 --quiet" > printed || [ $? -eq 4 ]
  cp "$1.svg" "$root/docs/images/gallery/$1.svg"
  printf '\n## %s\n\n%s\n\n![%s](images/gallery/%s.svg)\n\n```sh\n%s%s --quiet\n```\n' "$2" "$3" "$2" "$1" "$before" "$4" >> "$page"
  before=""
}

cat > "$page" << 'END'
# Gallery

Each picture was made by the command below it, in the root of this repository; `tools/figures/gallery.sh build/otbridge` makes them all
and this page. The command, the seed and the version stand in each picture's `<metadata>` too.
END

picture draws "Each point moved to one draw" \
  "A ring of the target stays visible where a draw meets it." \
  "otbridge transport moons@torchcfm 8gaussians@torchcfm --mode sample -o moved.csv --plot draws.svg"

picture supply "Few points: flows, weights and names" \
  "Up to 30 points on either side, all of the coupling is drawn, and the names are those of the file." \
  "otbridge transport data/problems/supply.json -o moved.csv --plot supply.svg"

picture line "On a line: two densities and the map between them" \
  "The conditional mean of the bridge against the monotone map, which is the exact one." \
  "otbridge transport '{\"type\":\"gaussian\",\"mean\":[0],\"std\":1}' '{\"type\":\"mixture\",\"components\":[{\"type\":\"gaussian\",\"mean\":[-2],\"std\":0.5},{\"type\":\"gaussian\",\"mean\":[3],\"std\":1}]}' --epsilon 0.5 -o moved.csv --plot line.svg"

picture line_paths "Paths on a line" \
  "Colours say where a path starts; thick lines are means of 64 draws from one start." \
  "otbridge interpolate '{\"type\":\"gaussian\",\"mean\":[0],\"std\":1}' '{\"type\":\"mixture\",\"components\":[{\"type\":\"gaussian\",\"mean\":[-2],\"std\":0.5},{\"type\":\"gaussian\",\"mean\":[3],\"std\":1}]}' --epsilon 0.5 -o paths.npy --plot-paths line_paths.svg --mean-paths"

picture slices "The bridge at five times" \
  "Each point keeps the colour of its start: what begins together can be followed." \
  "otbridge interpolate moons@torchcfm 8gaussians@torchcfm --frames 5 -o paths.npy --plot slices.svg"

picture paths "Paths in the plane" \
  "Full at their start, faint at their end." \
  "otbridge interpolate checkerboard@ffjord pinwheel@ffjord --epsilon 0.2 -o paths.npy --plot-paths paths.svg --mean-paths"

picture morph "A torus becomes a knot" \
  "Far points are smaller and lighter; one box for all times." \
  "otbridge interpolate data/problems/shape_morph.json --times 0,0.3,0.6,1 -o paths.npy --plot morph.svg"

picture space "Transport in space" \
  "The axes are those of the box." \
  "otbridge transport data/problems/shape_morph.json --mode sample -o moved.csv --plot space.svg"

prepare "otbridge sample '{\"type\":\"uniform_box\",\"low\":[0,0.1,0.4],\"high\":[0.4,0.7,1]}' --samples 1500 | sed '1s/.*/red,green,blue/' > evening.csv"
prepare "otbridge sample '{\"type\":\"uniform_ball\",\"center\":[0.75,0.45,0.25],\"radius\":0.25}' --samples 1500 | sed '1s/.*/red,green,blue/' > autumn.csv"
picture colours "Clouds of colours" \
  "Columns named red, green and blue: each point has the colour that it is." \
  "otbridge transport evening.csv autumn.csv --epsilon-relative 0.01 -o moved.csv --plot colours.svg"

prepare "otbridge sample '{\"type\":\"pushforward\",\"base\":\"pinwheel@ffjord\",\"transforms\":[{\"scale\":300},{\"shift\":[4500200,5400500]}]}' --samples 800 --seed 1 | sed '1s/.*/easting,northing/' > east.csv"
prepare "otbridge sample '{\"type\":\"pushforward\",\"base\":\"2spirals@ffjord\",\"transforms\":[{\"scale\":300},{\"shift\":[4501800,5401700]}]}' --samples 800 --seed 2 | sed '1s/.*/easting,northing/' > west.csv"
picture far "Far from the origin" \
  "What long numbers share is said once, beside the name of the axis." \
  "otbridge transport east.csv west.csv --solver exact -o moved.csv --plot far.svg"

picture principal "Five dimensions" \
  "Beyond three, the first two principal axes of both clouds together." \
  "otbridge transport data/problems/gaussian_5d.json -o moved.csv --plot principal.svg"

picture truth "Solvers beside the truth" \
  "A problem whose bridge is known: the truth first, then each solver with its W2, its cost and its distance from the true bridge." \
  "otbridge compare data/problems/blurred_moons.json --solvers sinkhorn,mixture --plot truth.svg"

picture floor "Solvers beside the floor" \
  "Where the truth is not known, draws of the target show what no solver can beat." \
  "otbridge compare moons@torchcfm 8gaussians@torchcfm --solvers sinkhorn,exact,mixture --samples 1000 --plot floor.svg"

picture convergence "Convergence of Sinkhorn" \
  "Levels of epsilon are bands, the tolerance is a line, each curve has its name at its end." \
  "otbridge transport moons@torchcfm 8gaussians@torchcfm --epsilon 0.05 -o moved.csv --plot-convergence convergence.svg"

picture neural "Convergence of a neural bridge" \
  "The loss and the divergence of the two learned processes have panels of their own." \
  "otbridge transport moons@torchcfm 8gaussians@torchcfm --epsilon 1 --solver dsb --set start=reference --set training_steps=300 -o moved.csv --plot-convergence neural.svg"
