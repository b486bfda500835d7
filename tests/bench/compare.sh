#!/usr/bin/env bash
# The workloads with liaison in clear text, with liaison under TLS and with the peer in turn, over the same link and with
# the same records, and the ratios.
#
#   tests/bench/compare.sh [W1 W2 …] [--records N] [--runs R]      W1 to W6 and W8 unless told
#
# Needs the built programs (cmake --build build/release --target liaison_bench) and, once, npm's registry. Everything
# stays in build/ and on loopback. The lines go to build/compare/results.ndjson, the tables to standard output.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${LIAISON_BUILD:-build/release}
out=build/compare
workloads=() options=()
while [[ $# -gt 0 ]]; do
  case $1 in
    W*) workloads+=("$1") ;;
    --*) options+=("$1" "$2"); shift ;;
    *) sed -n '2,8p' "$0"; exit 2 ;;
  esac
  shift
done
[[ ${#workloads[@]} -gt 0 ]] || workloads=(W1 W2 W3 W4 W5 W6 W8)

mkdir -p build/peer "$out"
if ! cmp -s tests/bench/peer/package-lock.json build/peer/package-lock.json || [[ ! -d build/peer/node_modules ]]; then
  cp tests/bench/peer/package{,-lock}.json build/peer/
  # No scripts: LevelDB comes built, and SQLite, which is not used, would be compiled.
  (cd build/peer && npm ci --ignore-scripts --no-audit --no-fund)
fi

export PEER_MODULES=$PWD/build/peer/node_modules LINK_SIM=$PWD/$build/bin/link_sim LIAISON_BENCH=$PWD/$build/bin/liaison_bench
: > "$out/results.ndjson"
for workload in "${workloads[@]}"; do
  "$LIAISON_BENCH" "$workload" "${options[@]}" --work "$PWD/$out/work" | tee -a "$out/results.ndjson"
  "$LIAISON_BENCH" "$workload" "${options[@]}" --trust --work "$PWD/$out/work" | tee -a "$out/results.ndjson"
  node tests/bench/peer/peer.mjs "$workload" "${options[@]}" --work "$PWD/$out/work" | tee -a "$out/results.ndjson"
done
rm -rf "$out/work"
echo
echo "$(date -u +%F), $(nproc) × $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), load $(cut -d' ' -f1-3 /proc/loadavg)"
echo
node tests/bench/table.mjs "$out/results.ndjson"
