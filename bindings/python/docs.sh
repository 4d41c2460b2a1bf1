#!/usr/bin/env bash
# Writes the manual of the Python package to target/docs/python; a warning is an error.
set -eu
cd "$(dirname "$0")"
. ./environment.sh
rm -rf "$place/docs-wheel"
build_wheel "$place/docs-wheel"
"$tools/bin/pip" install --force-reinstall --no-deps "$place"/docs-wheel/*.whl
"$tools/bin/sphinx-build" -q -W --keep-going -E -d "$place/doctrees" docs "$target/docs/python"
echo "Open target/docs/python/index.html"
