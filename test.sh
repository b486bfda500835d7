#!/usr/bin/env bash
# Builds everything and runs every test; the last line says how many passed.
#   ./test.sh         all tests, the main job, the browser test, two breaks of tests/mutation in turn, and a minute of
#                     tests/fuzz
#   ./test.sh asan    the C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer
#   ./test.sh tsan    the tests of base, causal, record and sync under ThreadSanitizer (the packaged gRPC and RocksDB are
#                     not built for it)
set -euo pipefail
cd "$(dirname "$0")"
preset=${1:-release}
mkdir -p build
. cmake/setup.sh

log=build/$preset-tests.log
: >"$log"
run_ctest() {  # ctest's options
  local prefix=
  # ThreadSanitizer's memory map does not fit kernels that randomise addresses widely.
  [ "$preset" != tsan ] || ! setarch -R true 2>/dev/null || prefix="setarch -R"
  $prefix ctest --test-dir "build/$preset" --output-on-failure "$@"
  cat "build/$preset/Testing/Temporary/LastTest.log" >>"$log"
}

# Two breaks in turn: by the number of commits, or by the time of the last one where a clone has no others.
mutation_turn() {
  local turn
  if ! turn=$(git rev-list --count HEAD 2>&1); then
    echo "mutation: not run, since git does not know this folder: $(head -1 <<<"$turn")"
    return
  fi
  [ "$(git rev-parse --is-shallow-repository)" = false ] || turn=$(git log -1 --format=%ct)
  node tests/mutation/run.mjs --turn "$turn"
}

case "$preset" in
  release)
    install_packages build pages browser office
    build release
    run_ctest -j2
    tests/main_job.sh | tee -a "$log"
    if [ -f tests/e2e/package.json ]; then
      (
        cd tests/e2e
        [ node_modules/.package-lock.json -nt package-lock.json ] || { npm ci && touch node_modules/.package-lock.json; }
        npm test
      ) 2>&1 | tee -a "$log"
    fi
    mutation_turn | tee -a "$log"
    tests/fuzz/run.sh --decoders 60 | tee -a "$log"
    ;;
  asan)
    install_packages build browser office
    build asan
    run_ctest -j2
    ;;
  tsan)
    install_packages build
    build tsan base_test causal_test record_test sync_test
    run_ctest -R '^(base|causal|record|sync)_test\.'
    ;;
  *)
    die "unknown: $preset (nothing, asan or tsan)"
    ;;
esac

grep -E '^(mutation|fuzz): ' "$log" || true
# GoogleTest: "[  PASSED  ] 12 tests."; vitest: "Tests  34 passed"; node: "# pass 5"; main_job.sh: "9 checks passed".
sed 's/\x1b\[[0-9;]*m//g' "$log" | awk '
  /\[  PASSED  \] [0-9]+ tests?\./ { total += $4 }
  /^ *Tests +[0-9]+ passed/        { total += $2 }
  /^(#|ℹ) pass [0-9]+/             { total += $3 }
  /^main job: [0-9]+ checks/       { total += $3 }
  END { if (total == 0) exit 1; print total " tests passed" }'
