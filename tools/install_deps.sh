#!/bin/sh
# Installs the Debian packages that a task needs, where they are missing; elsewhere names what the build needs.
# usage: tools/install_deps.sh [build] [check] [mpi] [package] [python] [wasm]
#   build     the library, the command line and their tests (the default)
#   check     what continuous integration adds: clang with its sanitizers, libFuzzer and clang-tidy, NumPy and locales for tests
#   mpi       several processes at one problem: Open MPI
#   package   making .deb packages
#   python    the Python package and its tests: an environment in $PYENV (build-env) of $PYTHON (python3), by pip
#   wasm      the solvers of the playground: clang 19 for WebAssembly, 57 MB to fetch
set -eu

build="g++ make cmake pkg-config libeigen3-dev libzip-dev libboost-math-dev nlohmann-json3-dev doctest-dev libcli11-dev librandom123-dev librsvg2-dev libpng-dev libjpeg-dev"
check="clang-14 clang-tidy-14 libclang-rt-14-dev libomp-14-dev locales python3-numpy"
mpi="openmpi-bin libopenmpi-dev"
package="dpkg-dev file lintian"
python="python3-dev python3-venv"
wasm="clang-19 lld-19 wasi-libc libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32"
root=$(cd "$(dirname "$0")/.." && pwd)

# The packages of PyPI, where those that are there are others than the list says. Its copy of the list says that the
# environment is whole: what cannot be had is said, and the package is neither built nor tested.
make_environment() {
  wanted="$root/tests/python/requirements.txt"
  cmp -s "$wanted" "$environment/requirements.txt" && return
  rm -f "$environment/requirements.txt"
  { { [ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"; } &&
    "$environment/bin/python" -m pip install -q --disable-pip-version-check -r "$wanted" &&
    cp "$wanted" "$environment/requirements.txt"; } ||
    echo "without the packages of tests/python/requirements.txt the Python package is neither built nor tested" >&2
}
finish() {
  [ -z "$environment" ] || make_environment
  exit 0
}

packages=""
environment=""
for task in "${@:-build}"; do
  case "$task" in
    build) packages="$packages $build" ;;
    check) packages="$packages $check" ;;
    mpi) packages="$packages $mpi" ;;
    package) packages="$packages $package" ;;
    python) packages="$packages $python"; environment="${PYENV:-$root/build-env}" ;;
    wasm) packages="$packages $wasm" ;;
    *) echo "install_deps.sh: $task: must be build, check, mpi, package, python or wasm" >&2; exit 2 ;;
  esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  for tool in c++ cmake make; do
    command -v "$tool" >/dev/null || missing_tool=1
  done
  [ -z "${missing_tool:-}" ] && finish
  echo "otbridge needs: a C++20 compiler with OpenMP, CMake >= 3.22, Eigen >= 3.4, Boost.Math >= 1.74," >&2
  echo "nlohmann-json >= 3.10, doctest, CLI11 >= 2.1, Random123; librsvg >= 2.46 for pictures as .png and .pdf," >&2
  echo "libpng >= 1.6.32 and libjpeg-turbo >= 2.0 for pictures as laws, MPI 3 for several processes." >&2
  echo "Install them, then run make again." >&2
  exit 1
fi

missing=""
for name in $packages; do
  dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $name"
done
[ -z "$missing" ] && finish

echo "installing:$missing"
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
$as_root apt-get update -qq
# shellcheck disable=SC2086  # the package names are meant to be split
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
finish
