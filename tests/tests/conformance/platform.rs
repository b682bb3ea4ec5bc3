//! What the suite asks of a runtime.
use runce::{Executor, Timer};
use std::future::Future;
use std::time::Duration;

/// A runtime under test, with what the suite must know of it.
pub(crate) trait Platform: Sized {
    /// What contexts are given.
    type Runtime: Executor + Timer + Clone;

    /// So much blocking work is done at once, on threads that poll no jobs; 0: it is done by
    /// whoever polls, so that it must not block on what a job drives.
    const BLOCKING: usize;

    /// A job that panics ends there. Where not, the panic goes to whoever polls jobs.
    const CATCHES: bool = true;

    /// At least so many threads poll jobs.
    fn workers() -> usize {
        1
    }

    fn start() -> Self;

    fn runtime(&self) -> Self::Runtime;

    /// Blocks a plain thread until it is ready; the jobs get on meanwhile. Called by one thread
    /// at a time.
    fn block_on<F: Future>(&self, future: F) -> F::Output;

    /// Lets so much time pass, where it does not by itself.
    fn pass(&self, _time: Duration) {}

    /// Shuts down in the middle of whatever runs, without waiting for blocking work. Gives
    /// itself back where it cannot.
    fn stop(self) -> Result<(), Self>;

    /// How many jobs it has, where it knows.
    fn jobs(&self) -> usize {
        0
    }
}
