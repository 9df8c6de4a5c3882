#!/usr/bin/env bash
# Set up what is missing, build, and run every test: as released, then under the sanitizers.
#
#   test/run.sh            everything
#   test/run.sh release    only the release build
set -euo pipefail
cd "$(dirname "$0")/.."

scenarios/setup.sh --tests

presets=("$@")
((${#presets[@]} > 0)) || presets=(release asan+ubsan)
for preset in "${presets[@]}"; do
    cmake --preset "$preset"
    cmake --build --preset "$preset"
    ctest --test-dir "build/$preset" --no-tests=error --output-on-failure --parallel "$(nproc)" --timeout 600
done
