#!/usr/bin/env bash
# etcdlab as a module of an ns-3 tree: put it into contrib/, build, run its test suites. Not part of test/run.sh, which it
# would make a third longer.
#
#   test/ns3-module.sh TREE    the top directory of an ns-3 source tree, 3.37
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
(($# == 1)) || { echo "usage: $0 TREE" >&2; exit 2; }
[[ -x $1/ns3 && -f $1/test.py ]] || { echo "$1: expected the top directory of an ns-3 source tree (with ns3 and test.py)" >&2; exit 2; }
cd "$1"

[[ -e contrib/etcdlab ]] || ln -s "$root" contrib/etcdlab
./ns3 configure --enable-modules=etcdlab --filter-module-examples-and-tests=etcdlab --enable-tests --disable-werror -G Ninja
./ns3 build test-runner
./test.py --no-build --suite='etcdlab-*'
