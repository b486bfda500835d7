#!/usr/bin/env bash
# The packages in a bare Debian 12 without a network and without sources, booted by systemd-nspawn: installed from the
# stick, set up, killed, restarted, rebooted, given the folders of 0.4.0, upgraded, purged.
#   tests/packages/run.sh [STICK]      as root; STICK: the folder of `--target stick`, build/release/stick by default
# Needs systemd-container, mmdebstrap and lintian. Works in build/packages-test; the bare root is kept there as a tar.
set -euo pipefail
cd "$(dirname "$0")/../.."
die() { echo "packages: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "needs root"
for tool in systemd-nspawn mmdebstrap lintian nsenter; do
  command -v "$tool" >/dev/null || die "$tool is missing: apt-get install systemd-container mmdebstrap lintian"
done
# Mounts of its own: nspawn wants cgroup2 where this machine may have another layout, and a /run on a tmpfs.
[ -n "${LIAISON_UNSHARED:-}" ] || LIAISON_UNSHARED=1 exec unshare -m --propagation private "$0" "$@"
if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then
  umount -R /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn

stick=$(realpath "${1:-build/release/stick}")
[ -e "$stick/安装.sh" ] || die "$stick is no stick: cmake --build build/release --target stick"
work=$PWD/build/packages-test
root=$work/root
mkdir -p "$work"
checks=0
ok() { checks=$((checks + 1)); echo "ok $checks: $*"; }
bad() { { echo "not ok: $*"; tail -40 "$work/out"; } >&2; exit 1; }

# ---------------------------------------------------------------- the machine

prepare() {
  rm -rf --one-file-system "$root"
  mkdir "$root"
  [ -e "$work/bare.tar" ] || mmdebstrap --variant=minbase --include=systemd-sysv bookworm "$work/bare.tar" >"$work/out" 2>&1 ||
    { rm -f "$work/bare.tar"; bad "no bare root"; }
  tar -xf "$work/bare.tar" -C "$root"
  rm -rf "$root"/etc/apt/sources.list* "$root"/var/lib/apt/lists/* "$root"/etc/resolv.conf
  echo township >"$root/etc/hostname"
}

nspawn=
ended() {  # SECONDS: the machine ends within them
  local left=$((10 * $1))
  while kill -0 "$nspawn" 2>/dev/null; do
    [ $((left--)) -gt 0 ] || return 1
    read -rt 0.1 <> <(:) || true
  done
}
stop() {
  [ -z "$nspawn" ] || { kill -KILL "$(leader)" "$nspawn" 2>/dev/null || true; ended 30 || true; }
  find /sys/fs/cgroup/liaison-packages -depth -type d -exec rmdir {} \; 2>/dev/null || true
}
trap stop EXIT

leader() { sed "s/ .*//" "/proc/$nspawn/task/$nspawn/children"; }

boot() {
  mkdir -p "$work/sticks"
  mkdir -p /sys/fs/cgroup/liaison-packages
  (echo "$BASHPID" >/sys/fs/cgroup/liaison-packages/cgroup.procs &&
    exec systemd-nspawn --quiet --boot --register=no --keep-unit --private-network --console=pipe -D "$root" \
      --machine=township --bind-ro="$work/sticks:/media" </dev/null >"$work/console" 2>&1) &
  nspawn=$!
  for _ in $(seq 600); do
    if [ -n "$(leader 2>/dev/null)" ] && inside systemctl is-system-running --wait >"$work/state" 2>/dev/null ||
      grep -q degraded "$work/state" 2>/dev/null; then
      return
    fi
    kill -0 "$nspawn" 2>/dev/null || break
    read -rt 0.2 <> <(:) || true
  done
  cat "$work/console" >&2
  die "the machine does not boot"
}

# What `systemctl reboot` inside comes to: with --keep-unit nspawn ends with 133 and wants to be started again.
reboot() {
  inside systemctl reboot >/dev/null 2>&1 || true
  local code=0
  ended 180 || die "the machine does not go down"
  wait "$nspawn" || code=$?
  [ "$code" = 133 ] || die "the machine ended with $code instead of a reboot"
  boot
}

inside() {
  nsenter -t "$(leader)" -m -u -i -n -p -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root \
    DEBIAN_FRONTEND=noninteractive "$@"
}
try() { inside "$@" >"$work/out" 2>&1; }           # the exit code is the caller's to judge
must() { try "$@" || bad "failed: $*"; }           # it has to work
must_not() { if try "$@"; then bad "worked: $*"; fi; }
says() { grep -qF -- "$1" "$work/out" || bad "does not say: $1"; }
says_not() { if grep -qF -- "$1" "$work/out"; then bad "says: $1"; fi; }
property() { inside systemctl show -P "$2" "liaison-$1.service"; }
active() { [ "$(property "$1" ActiveState)" = active ] || bad "liaison-$1 is not active: $(inside systemctl status "liaison-$1" 2>&1)"; }
hub=/var/lib/liaison/hub station=/var/lib/liaison/station
await() {
  must liaison wait --data $hub --timeout 60
  must liaison wait --data $station --timeout 60
}

# ---------------------------------------------------------------- the course

install_bare() {
  must sh /media/1/安装.sh 全部
  says "还没有入网"
  says "还没有建立数据"
  for document in operating.md api.md reference.md; do must test -s /usr/share/doc/liaison-common/$document; done
  ok "installed from the stick, without network and sources, with its documents"
  for one in hub station; do
    [ "$(property $one ActiveState)" = inactive ] || bad "liaison-$one: $(property $one ActiveState)"
    [ "$(property $one UnitFileState)" = enabled ] || bad "liaison-$one is not enabled"
    must systemctl start liaison-$one
    [ "$(property $one ActiveState)" = inactive ] && [ "$(property $one NRestarts)" = 0 ] ||
      bad "liaison-$one without data: $(property $one ActiveState)"
  done
  ok "without data the services wait and do not fail"
}

set_up() {
  must cp -r /usr/share/doc/liaison-hub/examples/roster /srv/roster
  must liaison hub init --data $hub --roster /srv/roster
  must systemctl start liaison-hub
  active hub
  must liaison hub invite HK-D057 --data $hub --address 127.0.0.1:7061 --json
  code=$(sed -n 's/.*"code": *"\([^"]*\)".*/\1/p' "$work/out")
  [ -n "$code" ] || bad "no code"
  must liaison enrol --data $station --code "$code" --hub 127.0.0.1:7061
  must systemctl start liaison-station
  active station
  log 水渠垮了 D057-0001
  must liaison hub backup /var/backups/liaison --data $hub
  says "已备份并核对"
  ok "set up by root; both run as services, and the hub backs up"
  for one in hub station; do
    [ -z "$(inside find /var/lib/liaison/$one ! -user liaison-$one)" ] || bad "others' files in the folder of $one"
    [ "$(inside stat -c %U "/proc/$(property $one MainPID)")" = liaison-$one ] || bad "$one runs as another"
  done
  ok "each under its own user, who owns all of its folder"
}

log() {  # WORDS NUMBER: registers a visit and sees it at the hub
  must liaison log --data $station --words "$1" --category 01 --disposition 上报镇 --deputy HK-R001 --name 王桂花 --phone 13991520001
  says "$2"
  arrives "$1" "$2"
}
arrives() {
  must liaison wait --data $station --sent --timeout 60
  must liaison find "$1" --data $hub
  says "$2"
}
listed() {  # WORDS...: the station has these visits
  must liaison list --data $station
  for words in "$@"; do says "$words"; done
}

survive() {
  for one in hub station; do
    before=$(property $one MainPID)
    must sh -c "kill -KILL $before"
    for _ in $(seq 300); do
      [ "$(property $one MainPID)" != "$before" ] && [ "$(property $one ActiveState)" = active ] && break
      read -rt 0.1 <> <(:) || true
    done
    active $one
    [ "$(property $one NRestarts)" -ge 1 ] || bad "liaison-$one was not started again"
  done
  await
  listed 水渠垮了
  log 路灯不亮 D057-0002
  ok "survived kill -9"
  must systemctl restart liaison-hub liaison-station
  active hub
  active station
  listed 水渠垮了 路灯不亮
  ok "survived systemctl restart"
  id=$(inside cat /proc/sys/kernel/random/boot_id; property hub ActiveEnterTimestampMonotonic)
  reboot
  [ "$id" != "$(inside cat /proc/sys/kernel/random/boot_id; property hub ActiveEnterTimestampMonotonic)" ] || bad "no reboot"
  await
  active hub
  active station
  listed 水渠垮了 路灯不亮
  log 桥栏杆断了 D057-0003
  ok "survived a reboot"
}

watched() {
  for one in hub station; do
    mkdir -p "$root/etc/systemd/system/liaison-$one.service.d"
    printf '[Service]\nWatchdogSec=4\n' >"$root/etc/systemd/system/liaison-$one.service.d/watch.conf"
  done
  must systemctl daemon-reload
  must systemctl restart liaison-hub liaison-station
  for one in hub station; do
    before=$(property $one WatchdogTimestampMonotonic)
    for _ in $(seq 200); do
      [ "$(property $one WatchdogTimestampMonotonic)" -gt "$((before + 8000000))" ] && break
      read -rt 0.1 <> <(:) || true
    done
    [ "$(property $one WatchdogTimestampMonotonic)" -gt "$((before + 8000000))" ] || bad "liaison-$one feeds no watchdog"
    [ "$(property $one NRestarts)" = 0 ] || bad "the watchdog ended liaison-$one"
    rm -r "$root/etc/systemd/system/liaison-$one.service.d"
  done
  must systemctl daemon-reload
  ok "both feed the watchdog"
}

take_over_040() {
  must systemctl stop liaison-hub liaison-station
  must mv $hub /srv/hub-before
  must mv $station /srv/station-before
  tar -xzf tests/golden/folders/0.4.0.tar.gz -C "$root/var/lib/liaison"
  # The certificates in it are of that year.
  printf 'LIAISON_HUB_OPTIONS="--sync 127.0.0.1:7061 --start-at 2026-12-02T09:00"\n' >"$root/etc/default/liaison-hub"
  printf 'LIAISON_STATION_OPTIONS="--hub 127.0.0.1:7061 --start-at 2026-12-02T09:00"\n' >"$root/etc/default/liaison-station"
  must systemctl start liaison-hub liaison-station
  active hub
  active station
  listed 水渠 路灯 垃圾
  arrives 垃圾 D001-0003
  log 桥栏杆断了 D001-0004
  must liaison hub verify --data $hub
  must liaison verify --data $station
  ok "folders of 0.4.0 go on, with the visit that its station had not delivered"
}

newer_stick() {  # the same packages under a higher version
  local version deb folder
  version=$(dpkg-deb -f "$work"/sticks/1/liaison-common_*.deb Version)
  cp -r "$work/sticks/1" "$work/sticks/2"
  for deb in "$work"/sticks/2/liaison-*.deb; do
    folder=$work/repack
    rm -rf "$folder"
    dpkg-deb -R "$deb" "$folder"
    sed -i "s/$version/$version+1/g" "$folder"/DEBIAN/control
    [ ! -e "$folder/DEBIAN/preinst" ] || sed -i "s/$version/$version+1/g" "$folder/DEBIAN/preinst"
    rm "$deb"
    dpkg-deb --root-owner-group -Zgzip -z1 -b "$folder" "$work/sticks/2" >/dev/null
  done
  (cd "$work/sticks/2" && find . -name '*.deb' -printf '%P\n' | xargs sha256sum >SHA256SUMS)
}

upgrade() {
  local before
  before=$(property hub MainPID)
  must sh /media/2/安装.sh 镇中心
  says_not "还没有建立数据"
  [ "$(property hub MainPID)" != "$before" ] || bad "the old hub still runs"
  active hub
  active station
  await
  listed 垃圾 桥栏杆断了
  log 自来水停了 D001-0005
  grep -q start-at "$root/etc/default/liaison-hub" || bad "the options were overwritten"
  ok "an upgrade keeps data and options, and takes the other daemon along"
  must_not sh /media/1/安装.sh 站点
  says "不能退回旧版"
  must_not sh -c 'dpkg -i /media/1/liaison-station_*.deb'
  says "不能退回旧版"
  active station
  listed 自来水停了
  ok "a downgrade is refused with a sentence, by the stick and by the package"
  echo x >>"$(find "$work/sticks/2/deb" -name "libicu*")"
  must_not sh /media/2/安装.sh 站点
  says "不完整或有损坏"
  ok "a damaged stick is refused"
}

purge() {
  must apt-get purge -y liaison-station
  says "没有删除"
  inside test -e $station/station.json || bad "purge deleted the data unasked"
  must sh -c 'dpkg -i /media/2/liaison-station_*.deb'
  active station
  listed 自来水停了
  ok "a purge keeps the data unless told otherwise; the next installation finds it"
  must sh -c 'echo "liaison-station liaison-station/delete-data boolean true" | debconf-set-selections'
  must apt-get purge -y liaison-station
  if inside test -e $station; then bad "the data is still there"; fi
  active hub
  must apt-get purge -y liaison-hub liaison-common
  inside test -e $hub/db || bad "the hub's data went with it"
  if inside test -e /usr/bin/liaison; then bad "files are left"; fi
  ok "and deletes it when told to"
}

lintian --fail-on error "$stick"/liaison-*.deb >"$work/out" 2>&1 || bad "lintian"
ok "lintian finds no errors"
prepare
rm -rf "$work/sticks"
mkdir -p "$work/sticks"
cp -r "$stick" "$work/sticks/1"
newer_stick
boot
install_bare
set_up
survive
watched
take_over_040
upgrade
purge
echo "packages: $checks checks passed"
