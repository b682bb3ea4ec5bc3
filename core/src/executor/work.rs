//! Work that blocks its thread.
use crate::guard::catch;
use alloc::boxed::Box;
use core::fmt;

/// A piece of work that blocks its thread, for
/// [`Executor::spawn_blocking`](crate::Executor::spawn_blocking).
///
/// Dropped undone, it is done by whoever waits for it.
#[must_use = "work that is dropped is done by whoever waits for it"]
pub struct Work(Box<dyn FnOnce() + Send>);

impl Work {
    pub(crate) fn new(work: impl FnOnce() + Send + 'static) -> Self {
        Self(Box::new(work))
    }

    /// Does it, here and now. Panics of the work are its run's outcome; with `std` none comes
    /// out of here.
    pub fn run(self) {
        let _ = catch(self.0);
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").finish_non_exhaustive()
    }
}
