#!/usr/bin/env bash
# Build the preset `benchmark` and print the table of figures, their limits, and whether they are met.
# What is measured and how is told in benchmark.cc. It takes about three minutes after the build; a machine
# that does nothing else gives the narrowest spreads. test/run.sh does not run it: timings are figures to look at, not tests.
#
#   test/benchmark/run.sh [REPETITIONS]     of each run against the bare ns-3 program; default 15
set -euo pipefail
cd "$(dirname "$0")/../.."

cmake --preset benchmark >&2
cmake --build --preset benchmark --target etcdlab-benchmark >&2
build/benchmark/test/benchmark/etcdlab-benchmark "$@"
