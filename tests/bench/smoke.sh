#!/usr/bin/env bash
# Each workload once with a few records: a line must come out, with everything delivered. Measures nothing.
set -euo pipefail
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() {
  local line
  line=$("$build/bin/liaison_bench" "$@" --runs 1 --seed 1 --work "$work/w" | tail -1)
  echo "$line"
  [[ $line == '{"workload":"'"$1"'",'* && $line != *'"delivered":0'* ]]
  [[ " $* " != *' --trust '* || $line == *'"trust":1'* ]]
}
run W1 --records 20
run W4 --records 5 --idle-s 1 --fast
run W3 --records 5 --fast
run W8 --records 20
run W2 --records 1 --stations 4
run W9 --records 400
run W11 --records 20
run W12 --records 400
run W4 --records 5 --idle-s 1 --fast --trust
run W2 --records 1 --stations 4 --trust
[[ $("$build/bin/bench_store" --records 20 --work "$work/s" | wc -l) == 4 ]]
[[ $("$build/bin/liaison_bench" records --records 3 --stations 2 | wc -l) == 6 ]]
