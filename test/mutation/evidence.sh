#!/usr/bin/env bash
# evidence.sh PROGRAM: find a world that breaks this mutant, and run the scenario that the swarm has saved of it.
set -euo pipefail
program=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
expect() { # CODE COMMAND...
    local expected=$1 code=0
    shift
    "$@" >"$directory/output" 2>&1 || code=$?
    if ((code != expected)); then
        cat "$directory/output"
        echo "expected exit code $expected, found $code: $*"
        exit 1
    fi
}
expect 3 "$program" swarm --seeds 1-200 --first --out "$directory/worlds"
scenario=$(ls "$directory"/worlds/*.json)
expect 3 "$program" run "$scenario" --out "$directory/results"
grep -q "^scenario swarm-.*, seed " "$directory/results/violation.txt"
grep -q "^Violation of " "$directory/results/violation.txt"
grep -q "^Faults:" "$directory/results/violation.txt"
[[ ! -e $directory/results/summary.json && ! -e $directory/results/requests.csv ]]
expect 3 "$program" run "$directory/results/scenario.json" --out "$directory/again"
cmp "$directory/results/violation.txt" "$directory/again/violation.txt"
