#!/bin/sh
# Installs the packages that the build needs, where they are missing (Debian, Ubuntu); elsewhere names them.
set -eu

packages="g++ make cmake libeigen3-dev libboost-math-dev nlohmann-json3-dev doctest-dev libcli11-dev librandom123-dev"

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  for tool in c++ cmake make; do
    command -v "$tool" >/dev/null || missing_tool=1
  done
  [ -z "${missing_tool:-}" ] && exit 0
  echo "otbridge needs: a C++20 compiler with OpenMP, CMake >= 3.22, Eigen >= 3.4, Boost.Math >= 1.74," >&2
  echo "nlohmann-json >= 3.10, doctest, CLI11 >= 2.1, Random123. Install them, then run make again." >&2
  exit 1
fi

missing=""
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

echo "installing:$missing"
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
$as_root apt-get update -qq
# shellcheck disable=SC2086  # the package names are meant to be split
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
