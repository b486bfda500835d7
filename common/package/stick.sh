#!/usr/bin/env bash
# Fills a folder for a USB stick: the three packages, all that a bare Debian 12 lacks for them, and 安装.sh, which
# installs from there without a network.
#   common/package/stick.sh PACKAGES FOLDER      PACKAGES: where liaison-*.deb lie (cmake --build … --target packages)
# Runs on a Debian 12 that reaches its sources; needs no root. Files that the folder has already are kept.
set -euo pipefail
[ $# = 2 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
die() { echo "stick.sh: $*" >&2; exit 1; }
. /etc/os-release
[ "${VERSION_ID:-}" = 12 ] || die "this machine is no Debian 12, so its packages would not fit"
packages=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
mkdir -p "$2"
folder=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# apt with a machine of its own on which nothing is installed, beside this one's sources and keys.
mkdir -p "$work"/state/lists/partial "$work"/cache/archives/partial
touch "$work/status"
as_bare() {
  local tool=$1
  shift
  "$tool" -qq -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User="$(id -un)" -o APT::Install-Recommends=false "$@"
}
as_bare apt-get update
names() { sed -n 's/^Inst \([^ :]*\).*(\([^ ]*\) .*/\1=\2/p' | sort; }

debs=("$packages"/liaison-{common,station,hub}_*.deb)
[ -e "${debs[2]}" ] || die "$packages has no liaison-*.deb"
[ ${#debs[@]} = 3 ] || die "$packages has packages of several versions"
# What any Debian 12 has: all that debootstrap's smallest variant puts there.
mapfile -t required < <(as_bare apt-cache dumpavail | awk -v RS= '/\nPriority: required/ || /\nEssential: yes/ { print $2 }' | sort -u)
[ ${#required[@]} -gt 20 ] || die "the sources of this machine name no required packages"
as_bare apt-get -s install apt "${required[@]}" | names >"$work/bare"
as_bare apt-get -s install apt "${required[@]}" "${debs[@]}" | names | grep -v '^liaison-' >"$work/all"
comm -13 "$work/bare" "$work/all" >"$work/lacking"

mkdir -p "$folder/deb"
rm -f "$folder"/liaison-*.deb "$folder/SHA256SUMS"
(cd "$folder/deb" && xargs -r -a "$work/lacking" "$(command -v apt-get)" -qq -o Dir::State="$work/state" \
  -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)" download)
# What an earlier filling left and is no longer needed goes.
for file in "$folder"/deb/*.deb; do
  package=$(basename "$file") package=${package%%_*}
  version=$(dpkg-deb -f "$file" Version)
  grep -qxF "$package=$version" "$work/lacking" || rm "$file"
done
[ "$(find "$folder/deb" -name '*.deb' | wc -l)" = "$(wc -l <"$work/lacking")" ] || die "not every package could be had"
cp "${debs[@]}" "$folder/"
cp "$here/install.sh" "$folder/安装.sh"
chmod 755 "$folder/安装.sh"
cp "$here/stick.txt" "$folder/说明.txt"
(cd "$folder" && find . -name '*.deb' -printf '%P\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
echo "$folder: $(find "$folder" -name '*.deb' | wc -l) packages, $(du -sh "$folder" | cut -f1)"
