#!/usr/bin/env bash
# Install what is missing from Debian's packages. Needs root (or sudo) only if something is.
#
#   scenarios/setup.sh                what building and running etcdlab needs
#   scenarios/setup.sh --prometheus   also Prometheus, for results to be looked at in it
#   scenarios/setup.sh --tests        also what the tests need
set -euo pipefail

packages=(
    g++ cmake ninja-build        # the tools
    libns3-dev ns3               # ns-3; its CMake files name a program of the second package
    libgsl-dev libxml2-dev libsqlite3-dev # ns-3's libraries do not link without, and do not depend on them; sweeps keep results in SQLite
    libboost-dev nlohmann-json3-dev
    libcli11-dev                 # command lines with subcommands and help
    libjs-chart.js               # draws the charts of reports
)
if [[ ${1:-} == --prometheus || ${1:-} == --tests ]]; then
    packages+=(prometheus)       # promtool and the server
fi
if [[ ${1:-} == --tests ]]; then
    packages+=(
        libgtest-dev
        etcd-server etcd-client  # the real thing, to compare with
        patch                    # makes the deliberately broken builds
        clang libclang-rt-14-dev # fuzzing
        jq                       # looks into results as a user would
        tshark                   # reads packets as Wireshark does
        slurm-wlm munge          # a sweep as a job array, on a Slurm of one machine
        chromium                 # opens the reports as readers do
    )
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    exit 0
fi

sudo=()
if ((EUID != 0)); then
    command -v sudo >/dev/null || { echo "these packages are missing, and only root can install them: ${missing[*]}" >&2; exit 1; }
    sudo=(sudo)
fi
echo "Installing: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# RUNLEVEL=1: the packages' daemons (etcd, Prometheus) stay down; who needs one starts it.
install() {
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get "$@" >"$log" 2>&1 ||
        { cat "$log" >&2; echo "apt-get $1 failed (see above)" >&2; exit 1; }
}
install update
install install -y --no-install-recommends "${missing[@]}"
