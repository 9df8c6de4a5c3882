#!/bin/sh
# apply.sh PATCH DIRECTORY FILE...: copies of the FILEs, patched, in DIRECTORY. Called by CMake.
set -eu
patch=$1
directory=$2
shift 2
rm -rf "$directory"
mkdir -p "$directory"
cp --parents "$@" "$directory"
patch --quiet --strip=1 --fuzz=0 --no-backup-if-mismatch --directory="$directory" --input="$patch"
