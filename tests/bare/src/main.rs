//! runce on bare metal, or as near to it as a host program gets: no std, no libc, no
//! executor. It links with nothing, runs task graphs (`tests/firmware/scenes`), and exits with 0
//! if all was right.
//!
//! `cd tests/bare && cargo run`
#![no_std]
#![no_main]

extern crate alloc;

mod sys;

use core::fmt::{self, Write};
use scenes::Board;

fn say(line: fmt::Arguments<'_>) {
    // Where nobody listens, nobody has to be told.
    let _ = writeln!(sys::Out, "{line}");
}

const BOARD: Board = Board {
    name: "bare",
    say,
    used: sys::live_bytes,
    idle: || {},
};

/// `true`: all was right.
fn run() -> bool {
    let right = scenes::run(&BOARD);
    let verdict = if right { "PASS" } else { "FAIL" };
    let heap = sys::heap_bytes();
    say(format_args!(
        "bare: {verdict}, {heap} bytes of heap handed out"
    ));
    right
}
