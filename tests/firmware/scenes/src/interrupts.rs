//! A timer that interrupts, an executor that sleeps until it does, and runs that are woken from
//! within the interrupt, wherever it falls.
mod alarm;
mod jobs;
mod storm;

pub use alarm::tick;

use crate::{Board, leaves_nothing};

/// All that needs a board whose timer calls [`tick`]. `true`: all was right.
#[must_use]
pub fn run(board: &Board) -> bool {
    leaves_nothing(board, "storm", storm::all)
}
