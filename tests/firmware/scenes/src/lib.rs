//! What runce is put through on targets without std: task graphs, errors, cancellation,
//! forgetting, an executor, and wakes from a timer interrupt. A board gives its counter, its
//! output and a way to wait.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod app;
mod forgetting;
mod graphs;
#[cfg(feature = "interrupts")]
pub mod interrupts;
mod wakes;

use core::fmt;

/// What a scene needs of the board that it is on.
#[derive(Clone, Copy)]
pub struct Board {
    /// Names it in what is said.
    pub name: &'static str,
    pub say: fn(fmt::Arguments<'_>),
    /// Bytes of the heap in use.
    pub used: fn() -> usize,
    /// Waits until an interrupt is due: called where none can come in, it returns all the same.
    pub idle: fn(),
}

impl Board {
    fn check(&self, what: &str, right: bool, seen: &dyn fmt::Debug) -> bool {
        let verdict = if right { "ok  " } else { "FAIL" };
        (self.say)(format_args!("{}: {verdict} {what}: {seen:?}", self.name));
        right
    }
}

/// All that needs no interrupt. `true`: all was right.
#[must_use]
pub fn run(board: &Board) -> bool {
    // `&`, not `&&`: what follows a failure is worth knowing too.
    leaves_nothing(board, "graphs", graphs::all)
        & leaves_nothing(board, "forgetting", forgetting::all)
}

/// Does a scene give all of its memory back?
fn leaves_nothing(board: &Board, what: &str, scene: fn(&Board) -> bool) -> bool {
    let before = (board.used)();
    let right = scene(board);
    let left = (board.used)() - before;
    right & board.check(what, left == 0, &format_args!("{left} bytes left"))
}
