#!/usr/bin/env bash
# Feed random bytes to everything in etcdlab that reads text: scenarios and settings, workload profiles, plans for
# fitting and for sweeps, round-trip times, reference figures, logs to be replayed, results, quantities. (Its simulated messages have sizes and no bytes,
# so there is no wire format to decode.) libFuzzer starts from the corpus in this directory, which is kept, and from the
# tree's own files; what it finds interesting on the way goes to build/fuzz/found. A crash leaves a file there, whose
# path is printed: give it to the fuzzer as its argument to repeat it, and add it to the corpus once it is mended.
#
#   test/fuzz/run.sh [SECONDS]     which the fuzzers share; default 60
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
build=${ETCDLAB_FUZZ_BUILD:-$source/build/fuzz}
seconds=${1:-60}
targets=(scenario setting profile plan sweep-plan rtt-matrix reference replay-log summary quantity)
declare -A files=([profile]=$source/scenarios/profiles [plan]=$source/scenarios/plans [reference]=$source/test/reference)

[[ -f $build/build.ninja ]] || cmake -G Ninja -S "$here" -B "$build" -DCMAKE_CXX_COMPILER=clang++ >&2
cmake --build "$build" >&2
each=$(((seconds + ${#targets[@]} - 1) / ${#targets[@]}))
for target in "${targets[@]}"; do
    found=$build/found/$target
    mkdir -p "$found"
    log=$build/$target.log
    if ! "$build/fuzz-$target" -max_total_time="$each" -max_len=4096 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="$found/" "$found" "$here/corpus/$target" ${files[$target]:+"${files[$target]}"} >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        echo "fuzz-$target found something; see above" >&2
        exit 1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "fuzz-$target: $runs inputs in ${each} s, nothing found"
    ((runs > 100)) || { echo "that is too few to show anything" >&2; exit 1; }
done
