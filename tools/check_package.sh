#!/bin/sh
# Unpacks the packages of a build folder into an empty root and uses them there: the command line runs, and a program
# is built and run with the headers, the library and the pkg-config file.
# usage: tools/check_package.sh BUILD_DIR
set -eu

build=$(realpath "$1")
source=$(realpath "$(dirname "$0")/..")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

for deb in "$build"/*.deb; do
  dpkg-deb --field "$deb" Package Version Architecture Depends
  dpkg-deb --extract "$deb" "$root"
done
dpkg-deb --field "$build"/otbridge_*.deb Depends | grep -q libstdc++6  # found by dpkg-shlibdeps

"$root/usr/bin/otbridge" --version
"$root/usr/bin/otbridge" transport moons 8gaussians --samples 50 --quiet -o "$root/moved.csv"
[ "$(wc -l < "$root/moved.csv")" -eq 51 ]

for file in man/man1/otbridge.1.gz bash-completion/completions/otbridge zsh/vendor-completions/_otbridge \
  fish/vendor_completions.d/otbridge.fish; do
  [ -s "$root/usr/share/$file" ]
done

pc=$(dirname "$(find "$root" -name otbridge.pc)")
# shellcheck disable=SC2046  # flags are meant to be split
c++ -std=c++20 "$source/tests/consumer/main.cpp" $(PKG_CONFIG_PATH="$pc" pkg-config --cflags --libs otbridge) \
  -o "$root/consumer"
"$root/consumer" > /dev/null
lintian --allow-root --fail-on error,warning "$build"/*.deb
echo "packages: installed files run, lintian has nothing to say"
