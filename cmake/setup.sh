# shellcheck shell=bash
# Sourced by run.sh and test.sh, which stand in the project's folder and have set -euo pipefail.

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs to install packages: run it as root, or install sudo (what is missing: $missing)"
  fi
}

# Node 18 or later with its npm, whoever installed it.
have_node() {
  command -v npm >/dev/null && command -v node >/dev/null && [ "$(node -p 'parseInt(process.versions.node)')" -ge 18 ]
}

# install_packages USE...: what packages.txt lists for these uses and is not there yet. Asks nobody when nothing is.
install_packages() {
  local use name uses=" $* "
  local wanted=()
  while read -r use name; do
    case "$use" in '#'* | '') continue ;; esac
    case "$uses" in *" $use "*) ;; *) continue ;; esac
    case "$name" in nodejs | npm) have_node && continue ;; esac
    wanted+=("$name")
  done <packages.txt
  missing=
  for name in "${wanted[@]}"; do
    # shellcheck disable=SC2016
    case "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" in
      *installed) ;;
      *) missing="$missing $name" ;;
    esac
  done
  [ -n "$missing" ] || return 0
  echo "Installing:$missing"
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >build/packages.log 2>&1 ||
    { tail -20 build/packages.log >&2; die "could not install packages; all of it is in build/packages.log"; }
}

# build PRESET [TARGET...]: configures once; later runs compile what has changed, which is nothing most of the time.
build() {
  local preset=$1
  shift
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >"build/$preset.log" 2>&1 ||
    { tail -30 "build/$preset.log" >&2; die "could not configure; all of it is in build/$preset.log"; }
  cmake --build "build/$preset" ${1:+--target "$@"}
}
