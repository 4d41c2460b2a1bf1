#!/bin/sh
# Writes the reference of the C and C++ interfaces to target/docs/c; a warning is an error.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p target/docs/c
doxygen ffi/install/Doxyfile
echo "Open target/docs/c/index.html"
