#!/usr/bin/env bash
# Fuzzes every target, or one: tests/fuzz/run.sh [--decoders] SECONDS [TARGET]
# SECONDS in all, shared evenly. What it finds is printed and kept in build/fuzz/found; make it a test by copying it to
# tests/fuzz/corpus/TARGET/found-WHAT. What it learns stays in build/fuzz/learned, so the next run begins there.
# --decoders leaves out the targets with a whole station or hub in them, which are most of the compiling.
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p build
. cmake/setup.sh
binary=liaison-fuzz
[ "${1:-}" != --decoders ] || { binary=liaison-fuzz-decoders && shift; }
[ "${1:-}" -gt 0 ] 2>/dev/null || die "usage: tests/fuzz/run.sh [--decoders] SECONDS [TARGET]"
install_packages build fuzz
build fuzz "$binary" >build/fuzz-build.log || { tail -30 build/fuzz-build.log >&2; die "does not build"; }

fuzzer=$PWD/build/fuzz/bin/$binary
mapfile -t targets < <(LIAISON_FUZZ_TARGET=list "$fuzzer")
[ $# -lt 2 ] || targets=("$2")
seconds=$(($1 / ${#targets[@]}))
[ "$seconds" -gt 0 ] || seconds=1
mkdir -p build/fuzz/found
failed=0
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/learned/$target"
  log=build/fuzz/$target.log
  # -timeout: one input that takes longer is a finding (wide, since other programs may have the cores); so is one that
  # takes more memory than a station has.
  if LIAISON_FUZZ_TARGET=$target "$fuzzer" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=1024 -max_len=65536 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/found/$target-" \
    "build/fuzz/learned/$target" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
    runs=$(awk '/stat::number_of_executed_units/ { print $2 }' "$log")
    echo "$target: $runs runs in $seconds s"
  else
    failed=$((failed + 1))
    echo "$target: FOUND"
    grep -E 'does not hold|ERROR: |SUMMARY|runtime error|Test unit written' "$log" | head -5
  fi
done
[ "$failed" = 0 ] || die "$failed of ${#targets[@]} targets failed; logs in build/fuzz/TARGET.log"
echo "fuzz: ${#targets[@]} targets passed"
