#!/bin/sh
# Report pages of all kinds, made by the program and opened in Chromium. usage: page/test/run.sh OTBRIDGE FOLDER [SHOTS]
set -eu
otbridge=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
data=$here/../../data
mkdir -p "$2"
cd "$2"
rm -rf ./*.html

if ! command -v node >/dev/null || [ ! -d "$here/../node_modules/playwright-core" ]; then
  echo "skipped: no playwright-core in page/node_modules (make page-tools installs it)"
  exit 0
fi

quiet="--quiet --threads 1"
# shellcheck disable=SC2086  # options
{
  "$otbridge" transport moons@torchcfm 8gaussians@torchcfm --samples 500 $quiet -o moved.csv --report plane.html
  "$otbridge" interpolate "$data/problems/shape_morph.json" --samples 600 --frames 3 $quiet -o paths.npy --report space.html
  "$otbridge" transport '{"type":"mixture","weights":[0.5,0.5],"components":[{"type":"gaussian","mean":[-2],"std":0.5},{"type":"gaussian","mean":[2],"std":0.7}]}' \
    '{"type":"gaussian","mean":[1],"std":1}' --samples 400 $quiet -o line.csv --report line.html
  "$otbridge" compare "$data/problems/gaussian_2d.json" --samples 400 --solvers gaussian,sinkhorn,exact,mixture $quiet --report solvers.html >table.txt
  "$otbridge" compare moons@torchcfm 8gaussians@torchcfm --samples 200 --solvers sinkhorn,exact --epsilon 0.3,1,3 $quiet --report grid.html >grid.txt
  "$otbridge" table blurred --only 'moons, epsilon 0.5' --samples 200 --seeds 2 --solvers sinkhorn $quiet -o blurred.md --report table.html
  for film in film.gif film.png; do
    "$otbridge" interpolate moons@torchcfm 8gaussians@torchcfm --samples 300 --frames 12 $quiet -o paths.npy --animate $film
  done
  # A name that would end the script; as many points as a scan.
  mkdir -p '<'
  "$otbridge" sample moons --samples 50 $quiet -o '</script><img src=x onerror=alert(1)>.csv'
  "$otbridge" transport '</script><img src=x onerror=alert(1)>.csv' 8gaussians --samples 100 $quiet -o hostile.csv --report hostile.html
  "$otbridge" sample '{"type":"sphere","center":[0,0,0],"radius":1}' --samples 70000 $quiet -o scan.csv
  "$otbridge" transport scan.csv '{"type":"gaussian","mean":[4,0,1],"std":[1,0.5,0.2]}' --solver gaussian --set moments=match $quiet -o scan_moved.csv --report scan.html
}
node "$here/browser.mjs" ${3:+--shots "$3"} plane.html space.html line.html solvers.html grid.html table.html hostile.html scan.html
node "$here/films.mjs" film.gif film.png 12
