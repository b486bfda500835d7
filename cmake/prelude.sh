#!/bin/sh
# Runs a compiler's command. Where that made a compiled prelude (FILE.gch), its hash goes beside it, in FILE.gch.sum:
# ccache then reads that for each file that uses the prelude, and not 300 MB. In one step with the compiling, so that a
# hash never stands beside another prelude.
set -e
out=
for word in "$@"; do
  [ "$out" != next ] || out=$word
  [ "$word" != -o ] || out=next
done
case $out in
  *.gch) rm -f "$out.sum" && "$@" && sha256sum <"$out" >"$out.sum" ;;
  *) "$@" ;;
esac
