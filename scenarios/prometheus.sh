#!/usr/bin/env bash
# Look at what a run's Prometheus recorded in a real Prometheus, on this machine's loopback, until Ctrl-C.
#
#   scenarios/prometheus.sh RESULT [PORT]
#
# RESULT is the directory of a run whose scenario has a Prometheus. What is served is the simulation, as if it had begun
# with 2026 in UTC. ETCDLAB names another program than build/release/etcdlab. Everything is kept in RESULT/prometheus, and made anew each time.
set -euo pipefail
(($# == 1 || $# == 2)) || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
result=$(realpath "$1")
port=${2:-9090}
root=$(realpath "$(dirname "$0")/..")
"$root/scenarios/setup.sh" --prometheus

data=$result/prometheus
openmetrics=$(mktemp)
trap 'rm -f "$openmetrics"' EXIT
"${ETCDLAB:-$root/build/release/etcdlab}" export prometheus "$result" >"$openmetrics"
rm -rf "$data"
mkdir "$data"
promtool tsdb create-blocks-from openmetrics "$openmetrics" "$data" >/dev/null
rm "$openmetrics"

cat <<TEXT
http://127.0.0.1:$port/graph?g0.tab=0&g0.range_input=10m&g0.end_input=2026-01-01%2000:10:00&g0.expr=etcd_server_is_leader
For Grafana: a Prometheus data source of http://127.0.0.1:$port, and the dashboard $root/analysis/grafana/etcdlab.json
TEXT
# It scrapes nothing, and forgets nothing however long ago the simulation was.
exec prometheus --config.file=/dev/null --storage.tsdb.path="$data" --storage.tsdb.retention.time=100y \
    --web.listen-address="127.0.0.1:$port" --log.level=warn
