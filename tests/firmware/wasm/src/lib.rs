//! runce in a WebAssembly module, driven by its host's event loop: the host gives clock, timer
//! and output, and calls [`turn`] whenever something was woken.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

#[expect(unsafe_code, reason = "imports of the host, and the allocator")]
mod host;
mod tests;

use core::fmt::{self, Write};
use scenes::Board;

#[global_allocator]
static HEAP: host::Heap = host::Heap::new();

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    say(format_args!("{info}"));
    core::arch::wasm32::unreachable()
}

fn say(line: fmt::Arguments<'_>) {
    let mut text = alloc::string::String::new();
    let _ = text.write_fmt(line);
    host::write_line(&text);
}

const BOARD: Board = Board {
    name: "wasm32",
    say,
    used: || HEAP.used(),
    idle: || {},
};

/// What needs no event loop. 1: all was right.
#[expect(unsafe_code, reason = "exported to the host")]
#[unsafe(no_mangle)]
extern "C" fn scenes() -> u32 {
    u32::from(scenes::run(&BOARD))
}

/// Polls what is there. `exact`: the host's clock goes on only when all sleep. 0: it waits to be woken; 1: all was right; 2: it was not.
#[expect(unsafe_code, reason = "exported to the host")]
#[unsafe(no_mangle)]
extern "C" fn turn(exact: u32) -> u32 {
    match tests::poll(exact == 1) {
        None => 0,
        Some(true) => 1,
        Some(false) => 2,
    }
}

/// The sleeper of that number has slept.
#[expect(unsafe_code, reason = "exported to the host")]
#[unsafe(no_mangle)]
extern "C" fn fire(sleeper: u32) {
    host::fire(sleeper);
}
