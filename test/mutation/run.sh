#!/usr/bin/env bash
# Does the swarm notice when the protocol is broken? Each patch in this directory is a mistake that somebody
# could make. Build etcdlab with it, run random worlds until one does not pass, and say which, and what noticed.
#
#   test/mutation/run.sh                      all
#   test/mutation/run.sh vote-twice ...       some
#   test/mutation/run.sh --built-in DIRECTORY ...    without building: of an existing build directory
#   SEEDS=1-200 LIMIT=120                     the worlds, and the seconds after which one is given up
#
# Exit code 1 if a mutant survives.
#
# Not here: mistakes that show only when messages of two members overtake each other, such as a follower that drops what
# follows an old append. Simulated peers talk over TCP, which keeps order; test/raft/random-test.cc finds these.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
build=$source/build/release
built=
if [[ ${1:-} == --built-in ]]; then
    build=$2
    built=yes
    shift 2
fi
names=("$@")
if ((${#names[@]} == 0)); then
    for patch in "$here"/*.patch; do
        names+=("$(basename "$patch" .patch)")
    done
fi
for name in "${names[@]}"; do
    [[ -f $here/$name.patch ]] || { echo "there is no mutation $name in $here" >&2; exit 2; }
done

if [[ -z $built ]]; then
    [[ -f $build/build.ninja ]] || (cd "$source" && cmake --preset release >&2)
    cmake --build "$build" --target "${names[@]/#/etcdlab-mutant-}" >&2
fi

output=$(mktemp)
trap 'rm -f "$output"' EXIT
survivors=0
printf '%-28s %6s %8s  %s\n' mutation seed seconds 'what noticed'
for name in "${names[@]}"; do
    start=$(date +%s.%N)
    code=0
    "$build/test/mutation/etcdlab-mutant-$name" swarm --seeds "${SEEDS:-1-200}" --limit "${LIMIT:-120}" --first \
        >"$output" 2>/dev/null || code=$?
    seconds=$(date +%s.%N | awk -v start="$start" '{ printf "%.1f", $1 - start }')
    # "seed 17: VIOLATION of raft:" and the finding below it, or "seed 17: BROKEN: why".
    if ((code == 3)); then
        seed=$(sed -n 's/^seed \([0-9]*\): VIOLATION.*/\1/p' "$output" | head -n 1)
        rule=$(sed -n 's/^seed [0-9]*: VIOLATION of \(.*\):$/\1/p' "$output" | head -n 1)
        what=$(sed -n '/VIOLATION/{n;s/^ *//;p;q}' "$output")
        printf '%-28s %6s %8s  %s: %s\n' "$name" "$seed" "$seconds" "$rule" "$what"
    else
        survivors=$((survivors + 1))
        printf '%-28s %6s %8s  %s\n' "$name" - "$seconds" "SURVIVED (exit code $code): $(head -n 1 "$output")"
    fi
done
if ((survivors > 0)); then
    echo "$survivors of ${#names[@]} mutants survived: the swarm would not notice these mistakes" >&2
    exit 1
fi
