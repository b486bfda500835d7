#!/usr/bin/env bash
# The main job as a user runs it, and what must come out of it. Needs the release build.
set -euo pipefail
cd "$(dirname "$0")/.."
out=build/main_job.log
./run.sh --once >"$out" 2>&1 || { cat "$out"; echo "main job: run.sh failed"; exit 1; }

checks=0
expect() {  # WHAT LINE: a whole line, or with a trailing … its beginning
  if [ "${2%…}" != "$2" ]; then
    grep -qF -- "${2%…}" "$out"
  else
    grep -qxF -- "$2" "$out"
  fi || { cat "$out"; echo "main job: $1 is not as expected: $2"; exit 1; }
  checks=$((checks + 1))
}
expect "the import" '导入：200 行，录入 194，已有 0，退回 6'
expect "the delivery" 'Delivered: nothing is pending at the centre.'
expect "the sentence" '接待选民194批267人次，收集意见建议194条，其中当场答复99条，已解决145条，其余41条正在办理之中，引导至其他渠道8条'
[ "$(($(wc -l <build/run/mend.csv)))" -ge 7 ] || { echo "main job: the refused rows were not written"; exit 1; }
checks=$((checks + 1))
for data in hub HK-Z001 HK-D057 HK-D012; do
  build/release/bin/liaison verify --data "build/run/$data" >>"$out" || { cat "$out"; echo "main job: $data differs"; exit 1; }
  checks=$((checks + 1))
done
again=$(build/release/bin/liaison import --data build/run/HK-Z001 hub/fixture/ledger-old.csv | head -1)
[ "$again" = '导入：200 行，录入 0，已有 194，退回 6' ] || { echo "main job: importing again: $again"; exit 1; }
checks=$((checks + 1))
grep -F '接待选民' "$out"
echo "main job: $checks checks passed"
