#!/bin/sh
# 从 U 盘安装，不用网络。用法：sudo sh 安装.sh 站点 或 sudo sh 安装.sh 镇中心
# 已装过旧版的，再运行一次就是升级，数据不动。
set -eu

fail() {
  echo "安装没有进行：$*" >&2
  exit 1
}

cd "$(dirname "$0")"
what=${1:-}
if [ -z "$what" ] && [ -t 0 ]; then
  printf '本机装什么？1 站点，2 镇中心，3 两样都装：'
  read -r what
fi
case "$what" in
  1 | 站点 | station) wanted="liaison-common liaison-station" ;;
  2 | 镇中心 | hub) wanted="liaison-common liaison-hub" ;;
  3 | 全部 | all) wanted="liaison-common liaison-station liaison-hub" ;;
  *)
    echo "用法：sudo sh 安装.sh 站点 或 sudo sh 安装.sh 镇中心" >&2
    exit 2
    ;;
esac
[ "$(id -u)" = 0 ] || fail "要用管理员身份运行：sudo sh 安装.sh $what"
version=$(. /etc/os-release && echo "${ID:-} ${VERSION_ID:-}")
[ "$version" = "debian 12" ] || fail "这些安装包只适合 Debian 12，本机是 $version"
sha256sum --quiet -c SHA256SUMS >/dev/null 2>&1 || fail "U 盘上的文件不完整或有损坏，请重新拷贝整个文件夹"

# An update of one package takes the others that are here along: they are one release.
for package in liaison-station liaison-hub; do
  case " $wanted " in *" $package "*) continue ;; esac
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  if [ "$state" = installed ]; then wanted="$wanted $package"; fi
done

for package in $wanted; do
  here=$(dpkg-deb -f ./"$package"_*.deb Version)
  there=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null || true)
  if [ -n "$there" ] && dpkg --compare-versions "$there" gt "$here"; then
    fail "本机的 $package 是 $there，比 U 盘上的 $here 新，不能退回旧版"
  fi
done

set --
for package in $wanted; do set -- "$@" ./"$package"_*.deb; done
# Of all the rest only what is missing: a library that is here stays as it is.
added=
for file in deb/*.deb; do
  package=$(dpkg-deb -f "$file" Package)
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  if [ "$state" != installed ]; then
    set -- "$@" "./$file"
    added="$added $package"
  fi
done
apt-get install -y --no-install-recommends \
  -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root \
  -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
# shellcheck disable=SC2086
[ -z "$added" ] || apt-mark auto $added >/dev/null
echo "已装好：$wanted"
