#!/bin/sh
# Builds the site of the documentation: the pages of docs/, the references, the tutorials as they run. Warnings are errors.
# usage: tools/docs_site.sh PYTHON BUILD_DIR, where BUILD_DIR/python holds the package and PYTHON has tests/python/requirements.txt
set -eu

python=$1
build=$(realpath "$2")
root=$(realpath "$(dirname "$0")/..")
site="$build/site"

# What Sphinx writes into its sources, it writes into a copy.
rm -rf "$site/source"
mkdir -p "$site/source"
cp -R "$root/docs/." "$site/source"
cp -R "$root/docs/site/." "$site/source"
rm -r "$site/source/site"
"$python" "$root/docs/site/cpp_reference.py" "$root" > "$site/source/reference-cpp.md"
PYTHONPATH="$build/python" MPLBACKEND=Agg OTBRIDGE_ROOT="$root" \
  "$python" -m sphinx -q -W --keep-going -b html -d "$site/doctrees" "$site/source" "$site/html"
echo "$site/html/index.html"
