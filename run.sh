#!/usr/bin/env bash
# Builds the programs and shows them at work: three stations, an old ledger taken in without a network, then the hub.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'END'
./run.sh            installs what is missing (Debian 12, as root or with sudo), builds, and runs a small township until
                    Ctrl-C: a hub and three stations on this machine, with data made anew in build/run/
./run.sh --once     the same, but ends after the hub's sentence and its check (exit code 0: all of it was right)
./run.sh --help     this text

What it does, step by step:
  1. The hub takes the roster in hub/fixture and makes demo accounts, and three stations enrol: the centre HK-Z001, the
     points HK-D057, HK-D012. PINs and passwords are drawn anew and written to build/run/logins.txt.
  2. The stations start. The hub does not run: there is no network, as it were.
  3. The old ledger of 200 rows is imported at the centre; 6 rows are refused, each with a reason.
  4. The hub starts, the stations find it by themselves, and the centre delivers.
  5. The hub says its sentence for the first half of 2026, and checks itself against everything it was sent.

For real, with the programs in build/release/bin in PATH:

  the hub, once      liaison hub init --data /srv/hub --roster FOLDER       FOLDER as hub/fixture: stations.csv, ...
  the hub, always    liaison hub run --data /srv/hub                        page 127.0.0.1:7080, stations 127.0.0.1:7061
  a station, once    liaison enrol --station HK-D057 --data /srv/D057 --hub-data /srv/hub
  a station, always  liaison station run --data /srv/D057                   page 127.0.0.1:7060
  at any time        liaison status --data /srv/D057
                     liaison log --data /srv/D057 --words 水渠垮了 --category 01 --disposition 上报镇 --deputy ID
                     liaison report --data /srv/hub --from 2026-01-01 --to 2026-06-30

A station needs the hub to enrol, and never again to work. Addresses are changed with --http, --hub and --sync; a page
address must be of this machine itself. A data folder has one running program; stop it with Ctrl-C or SIGTERM, or pull
the plug: what was said to be saved is saved.
END
}

once=
case "${1:-}" in
  '') ;;
  --once) once=1 ;;
  --help | -h) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

mkdir -p build
. cmake/setup.sh
install_packages build pages
build release liaison liaison-station liaison-hub

bin=build/release/bin
run=build/run
exec 9>build/run.lock
flock -n 9 || die "it is running already here, or daemons of an earlier run are (build/run/*/endpoint.json names their pids)"
rm -rf "$run"
mkdir -p "$run/logs"
declare -A pids=()

stop() {
  trap - EXIT INT TERM
  [ ${#pids[@]} -gt 0 ] || return 0
  kill -TERM "${pids[@]}" 2>/dev/null || true
  for _ in $(seq 150); do
    kill -0 "${pids[@]}" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "${pids[@]}" 2>/dev/null || true
}
trap stop EXIT
trap 'echo; echo "Stopping."; stop; exit 0' INT TERM

start() {  # NAME COMMAND...: a daemon in the background, until it answers
  local name=$1
  shift
  "$bin/liaison" "$@" >"$run/logs/$name.log" 2>&1 &
  pids[$name]=$!
  "$bin/liaison" wait --data "$run/$name" --timeout 60 || { cat "$run/logs/$name.log" >&2; die "$name did not start"; }
}

page() {  # NAME: the address of its page
  sed -n 's/.*"port": *\([0-9]*\).*/http:\/\/127.0.0.1:\1\//p' "$run/$1/endpoint.json"
}

free_port() {  # below the range that the kernel hands out; the hub says so if somebody was faster
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "found no free port"
}

sync=127.0.0.1:$(free_port)
echo "== The hub's roster, and three stations"
logins=$run/logins.txt
"$bin/liaison" hub init --data "$run/hub" --roster hub/fixture --demo "$logins" \
  --station HK-Z001 --station HK-D057 --station HK-D012
for station in HK-Z001 HK-D057 HK-D012; do
  "$bin/liaison" enrol --station "$station" --data "$run/$station" --hub-data "$run/hub" --hub-sync "$sync"
done

echo "== The stations start; the hub does not run"
for station in HK-Z001 HK-D057 HK-D012; do
  start "$station" station run --data "$run/$station" --http 127.0.0.1:0
done

# Each PIN is set where it is used, through standard input: no other program of the machine sees it.
while IFS=$'\t' read -r place role account name secret <&3; do
  [ "$place" = HUB ] || "$bin/liaison" pin set "$account" --data "$run/$place" <<<"$secret" >>"$run/logs/pins.log"
done 3<"$logins"

echo "== The old ledger, at the centre"
"$bin/liaison" import --data "$run/HK-Z001" --mend "$run/mend.csv" hub/fixture/ledger-old.csv
"$bin/liaison" status --data "$run/HK-Z001"

echo "== The hub starts"
start hub hub run --data "$run/hub" --http 127.0.0.1:0 --sync "$sync"
"$bin/liaison" wait --data "$run/HK-Z001" --sent --timeout 180
"$bin/liaison" wait --data "$run/hub" --matters 194 --timeout 60
echo "Delivered: nothing is pending at the centre."

echo "== The first half of 2026"
"$bin/liaison" report --data "$run/hub" --from 2026-01-01 --to 2026-06-30
echo "== The hub checks itself"
"$bin/liaison" hub verify --data "$run/hub"

[ -z "$once" ] || exit 0
echo "== Pages"
echo "hub      $(page hub)"
for station in HK-Z001 HK-D057 HK-D012; do echo "$station  $(page "$station")"; done
echo "== Logins: place, role, account, name, PIN or password; drawn anew each time, and kept in $logins"
cat "$logins"
echo "Ctrl-C ends all of them. The data is in $run, the programs' logs in $run/logs."
wait -n "${pids[@]}" && code=0 || code=$?
die "a program ended by itself (exit code $code); see $run/logs"
