#!/usr/bin/env bash
# Set up what is missing, build, and run every test: as released, then under the sanitizers.
#
#   test/run.sh            everything
#   test/run.sh release    only the release build
set -euo pipefail
cd "$(dirname "$0")/.."

presets=("$@")
((${#presets[@]} > 0)) || presets=(release asan+ubsan)

# The newcomer's path, by the README's commands: from the clone to the first what-if. Its build is the tests' build, begun.
if [[ " ${presets[*]} " == *" release "* ]]; then
    SECONDS=0
    scenarios/quickstart.sh
    eval "$(grep -m 1 '^build/release/etcdlab run .* --set ' README.md)"
    echo "From the clone to the first what-if: $SECONDS s"
fi

scenarios/setup.sh --tests
for preset in "${presets[@]}"; do
    cmake --preset "$preset"
    cmake --build --preset "$preset"
    ctest --test-dir "build/$preset" --no-tests=error --output-on-failure --parallel "$(nproc)" --timeout 600
done
