#!/usr/bin/env bash
# Counts instructions, allocations and bytes of each scenario; fails where one exceeds its bound.
# `--profile SCENARIO` prints which functions its instructions are spent in.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v valgrind >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends valgrind >/dev/null
fi

target=${CARGO_TARGET_DIR:-$PWD/target}
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

# Addresses align what is copied: the same environment, layout, and length of
# the binary's path, wherever this folder is, give the same counts.
fixed=(env -i)
if setarch -R true 2>/dev/null; then fixed+=(setarch -R); fi

play() { # few or most, scenario, what else valgrind is told
  "${fixed[@]}" valgrind --tool=callgrind --callgrind-out-file="$scratch/$1-$2" "${@:3}" \
    "$scratch/counts" "$1" "$2" 2>"$scratch/$1-$2.log" || {
    cat "$scratch/$1-$2.log" >&2
    return 1
  }
}

if [[ ${1-} == --profile ]]; then
  scenario=${2:?which scenario?}
  target+=/profile
  CARGO_TARGET_DIR=$target CARGO_PROFILE_RELEASE_DEBUG=line-tables-only cargo build --quiet --release
  cp "$target/release/runce-counts" "$scratch/counts"
  for rounds in few most; do
    play $rounds "$scenario" --toggle-collect=runce_counts::rounds
    callgrind_annotate --auto=no --threshold=100 "$scratch/$rounds-$scenario" >"$scratch/$rounds"
  done
  # Each line: instructions a round, the file they were written in, the function they are in now.
  sed -E 's:/rustc/[0-9a-f]+/::; s:/[^ ]*/registry/src/[^/]*/::; s: \[[^]]*\]$::; s:'"$(realpath ../..)"'/::' \
    "$scratch/few" - <"$scratch/most" |
    awk '/^Profile data/ { files++ }
      !/^ *[0-9,]+ +\(/ { next }
      { count = $1; gsub(",", "", count); sub(/^ *[0-9,]+ +\([^)]*\) +/, "") }
      { counts[$0] += files == 1 ? -count : count }
      END { for (where in counts) print counts[where] / 1000, where }' >"$scratch/lines"
  table() { # title, what of a line is summed
    echo "$1"
    awk '!/PROGRAM TOTALS/ { count = $1; sub(/^[^ ]+ /, ""); '"$2"'; counts[$0] += count }
      END { for (what in counts) if (counts[what] >= 0.5) printf "%9.1f  %s\n", counts[what], what }' "$scratch/lines" |
      sort -rn | sed 25q || true
  }
  awk '/PROGRAM TOTALS/ { print $1 " instructions a round" }' "$scratch/lines"
  table "by the function they are in, after inlining:" 'sub(/^[^:]*:/, "")'
  table "by the file they are written in:" 'sub(/:.*/, "")'
  exit
fi

cargo build --quiet --release
cp "$target/release/runce-counts" "$scratch/counts"
for scenario in $("$scratch/counts" names); do
  counts=$scenario
  for rounds in few most; do
    play $rounds "$scenario"
    counts+=" $(awk '/^totals:/ { print $2 }' "$scratch/$rounds-$scenario")"
  done
  echo "$counts"
done | "$scratch/counts" check
