#!/usr/bin/env bash
# What tasks cost the compiler: seconds and bytes of code of 200 small ones, in chains of five, as
# `#[task]`, as `impl Task` by hand, and as plain async fns; and of a crate with none of them.
# Slow, and its seconds depend on the machine's load, so CI does not run it. `ROUNDS`: the best of
# so many. `--largest` prints instead which functions the code of `#[task]` is in.
set -euo pipefail
core=$(realpath "$(dirname "$0")/../../core")
groups=40 tasks=200 rounds=${ROUNDS:-3}
kinds=(task hand plain none)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
unset CARGO_TARGET_DIR
cd "$work"

# kind, name, body
define() {
  case $1 in
    task) echo "#[task] async fn $2(ctx: &Ctx<App>, n: u64) -> Result<u64, Error> { $3 }" ;;
    plain) echo "async fn $2(ctx: &Ctx<App>, n: u64) -> Result<u64, Error> { $3 }" ;;
    hand)
      echo "#[allow(non_camel_case_types)] struct T_$2;"
      echo "impl Task<App> for T_$2 { type Input = u64; type Output = u64; type Error = Error;"
      echo "  fn name() -> &'static str { \"$2\" }"
      echo "  async fn run(ctx: &Ctx<App>, n: u64) -> Result<u64, Error> { $3 } }"
      echo "fn $2(n: u64) -> Call<T_$2, u64> { Call::new(n) }"
      ;;
  esac
}

# kind, then calls as `name(n)`: what has their outputs
ask() {
  if [[ $1 == plain ]]; then
    [[ $# == 2 ]] && echo "${2/(/(ctx, }.await?" || echo "(${2/(/(ctx, }.await?, ${3/(/(ctx, }.await?)"
  else
    [[ $# == 2 ]] && echo "ctx.run($2).await?" || echo "ctx.run_parallel(($2, $3)).await?"
  fi
}

# kind, number
chain() {
  define "$1" "e$2" "Ok(ctx.state().0 + n)"
  define "$1" "d$2" "Ok($(ask "$1" "e$2(n)") + $2)"
  define "$1" "c$2" "let (d, e) = $(ask "$1" "d$2(n)" "e$2(n + 1)"); Ok(d + e)"
  define "$1" "b$2" "let c = $(ask "$1" "c$2(n)"); Ok(c + $(ask "$1" "d$2(n + 2)"))"
  define "$1" "a$2" "let (b, c) = $(ask "$1" "b$2(n)" "c$2(n + 3)"); Ok(b * c)"
}

crate() { # kind
  mkdir -p "$1/src"
  printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2024"\n[dependencies]\nrunce = { path = "%s" }\n' \
    "$1" "$core" >"$1/Cargo.toml"
  local last=$((groups - 1))
  [[ $1 == none ]] && last=-1
  {
    cat <<'RUST'
#![allow(unused_imports, unused_mut, unused_variables, dead_code)]
use runce::{Call, Ctx, Error, Task, task};
use std::task::{Context, Poll, Waker};
struct App(u64);
fn now<T>(future: impl Future<Output = Result<T, Error>>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(output)) => output,
        _ => panic!(),
    }
}
RUST
    for i in $(seq 0 $last); do chain "$1" "$i"; done
    echo "fn main() { let n = std::env::args().count() as u64; let ctx = &Ctx::new(App(n)); let mut sum = 0;"
    for i in $(seq 0 $last); do
      if [[ $1 == plain ]]; then echo "sum += now(a$i(ctx, n));"; else echo "sum += now(ctx.run(a$i(n)));"; fi
    done
    echo 'println!("{sum}"); }'
  } >"$1/src/main.rs"
}

for kind in "${kinds[@]}"; do crate "$kind"; done
printf '[workspace]\nresolver = "3"\nmembers = ["task", "hand", "plain", "none"]\n' >Cargo.toml

if [[ ${1-} == --largest ]]; then
  cargo build --quiet --release -p task
  echo "    bytes  times  function, whatever the task"
  nm --print-size --radix=d --demangle target/release/task |
    sed -nE '/^[0-9]+ [0-9]+ [tTwW] /{ s/^[0-9]+ 0*([0-9]+) . /\1 /; s/::h[0-9a-f]{16}$//; s/\btask::[^,<>]*[0-9][^,<>]*/TASK/g; p }' |
    awk '{ size = $1; sub(/^[0-9]+ /, ""); bytes[$0] += size; times[$0]++ }
      END { for (name in bytes) printf "%9d %6d  %s\n", bytes[name], times[name], name }' |
    sort -rn | sed 30q || true
  exit
fi

# Seconds of the best of all rounds: kind, what is done to the source, how it is built
seconds() {
  local best=999999999 from took
  cargo "${@:3}" --quiet -p "$1"
  for _ in $(seq "$rounds"); do
    "$2" "$1"
    from=$(date +%s%3N)
    cargo "${@:3}" --quiet -p "$1"
    took=$(($(date +%s%3N) - from))
    best=$((took < best ? took : best))
  done
  awk -v ms=$best 'BEGIN { printf "%.2f", ms / 1000 }'
}
again() { touch "$1/src/main.rs"; }
# Of the first task's body, since what macros wrote below an edit is compiled anew; without tasks, of
# `main`.
edit() { sed -i '0,/state().0\|sum = 0/s//& + 0/' "$1/src/main.rs"; }

row() { printf '%-28s%10s%10s%10s%10s%22s\n' "$@"; }
per_task() { # of all of `#[task]`, of none, in which fraction
  awk -v all="$1" -v none="$2" -v tasks=$tasks -v unit="$3" 'BEGIN { printf "%.1f", (all - none) * unit / tasks }'
}

row "$tasks tasks" '#[task]' 'by hand' 'plain fns' 'none' 'for each #[task]'
measure() { # name, then as `seconds` without the kind
  local name=$1 all=()
  for kind in "${kinds[@]}"; do all+=("$(seconds "$kind" "${@:2}")"); done
  row "$name, s" "${all[@]}" "$(per_task "${all[0]}" "${all[3]}" 1000) ms"
}
export CARGO_INCREMENTAL=0
measure 'cargo check' again check
measure 'cargo build' again build
measure 'cargo build --release' again build --release
sizes=() sums=()
for kind in "${kinds[@]}"; do
  sizes+=("$(size -A "target/release/$kind" | awk '$1 == ".text" { print $2 }')")
  sums+=("$("target/release/$kind")")
done
row 'code (.text), bytes' "${sizes[@]}" "$(per_task "${sizes[0]}" "${sizes[3]}" 1) bytes"
if [[ ${sums[0]} != "${sums[1]}" || ${sums[0]} != "${sums[2]}" ]]; then
  echo "they do not compute the same: ${sums[*]}" >&2
  exit 1
fi
export CARGO_INCREMENTAL=1
measure 'an edit, cargo check' edit check
measure 'an edit, cargo build' edit build
