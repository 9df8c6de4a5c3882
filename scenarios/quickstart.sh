#!/usr/bin/env bash
# From nothing to the thesis' comparison: install what is missing, build, simulate, print the table.
set -euo pipefail
cd "$(dirname "$0")/.."

scenarios/setup.sh

echo "Building (the first time takes a few minutes)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ cmake --preset release && cmake --build --preset release --target etcdlab; } >"$log" 2>&1 ||
    { cat "$log" >&2; exit 1; }

echo "Simulating four runs of 330 requests each"
echo
build/release/etcdlab reproduce
build/release/etcdlab report results/baseline-thesis results/optimised-thesis results/baseline results/optimised \
    --out results/report.html >/dev/null
cat <<'TEXT'

Report: results/report.html, for any browser.
Results: results/{baseline-thesis,optimised-thesis,baseline,optimised}, each with summary.json,
requests.csv and scenario.json, the effective scenario.

Next:
  build/release/etcdlab explain scenarios/baseline.json     where the milliseconds come from
  build/release/etcdlab run scenarios/baseline.json --set links.api-e1.rtt=20ms
                                                            what if e1 were 20 ms away?
  build/release/etcdlab --help                              everything else
TEXT
