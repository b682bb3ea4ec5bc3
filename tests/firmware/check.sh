#!/usr/bin/env bash
# Runs the firmware under emulation and the WebAssembly module in node. Debian's compiler, as it
# comes with the source of `core` for all targets; rustup's cargo, linker and node are expected.
set -euo pipefail
cd "$(dirname "$0")"

packages=(rustc-web rust-web-src qemu-system-arm qemu-system-misc binutils-arm-none-eabi)
if ! dpkg-query -W "${packages[@]}" >/dev/null 2>&1; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

cargo fmt --all --check
cargo clippy --quiet -p scenes -p heap --all-features -- -D warnings

linker=$(rustc --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld
for target in THUMBV6M_NONE_EABI THUMBV7M_NONE_EABI RISCV32IMC_UNKNOWN_NONE_ELF WASM32_UNKNOWN_UNKNOWN; do
  export "CARGO_TARGET_${target}_LINKER=$linker"
done
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=core,alloc
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/firmware
# Instructions are counted, so that the timer interrupts each run at the same places.
qemu="-icount shift=3 -nographic -semihosting-config enable=on,target=native -kernel"
export CARGO_TARGET_THUMBV6M_NONE_EABI_RUNNER="timeout 300 qemu-system-arm -machine microbit $qemu"
export CARGO_TARGET_THUMBV7M_NONE_EABI_RUNNER="timeout 300 qemu-system-arm -machine lm3s6965evb $qemu"
export CARGO_TARGET_RISCV32IMC_UNKNOWN_NONE_ELF_RUNNER="timeout 300 qemu-system-riscv32 -machine virt -cpu rv32,g=false,a=false,f=false,d=false -bios none $qemu"

# The core's parts of an image, by the names of its symbols: what is there once, and what each
# type of task brings. What is inlined elsewhere is in neither.
size() {
  arm-none-eabi-nm --print-size --radix=d --demangle "$CARGO_TARGET_DIR/$1/release/cortex-m-firmware" |
    awk -v target="$1" -v types=10 '
      $3 !~ /[tT]/ { next }
      { all += $2 }
      /runce::/ { if (/scenes::/) tasks += $2; else core += $2 }
      END {
        printf "%s: %d bytes of code, of which runce %d, and %d for each of %d types of tasks\n",
          target, all, core, tasks / types, types
      }'
}

firmware() { # folder, target: has to say so, not only to end
  local said
  said=$(cd "$1" && cargo run --quiet --release --target "$2" </dev/null) || { echo "$said"; return 1; }
  echo "$said"
  grep -q ': PASS' <<<"$said"
}

firmware cortex-m thumbv7m-none-eabi
size thumbv7m-none-eabi
firmware cortex-m thumbv6m-none-eabi
size thumbv6m-none-eabi
firmware riscv riscv32imc-unknown-none-elf

(cd wasm && cargo build --quiet --release --target wasm32-unknown-unknown)
node wasm/run.mjs "$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/wasm_module.wasm"
