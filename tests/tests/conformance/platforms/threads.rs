//! The pool of plain threads, with so many workers.
use crate::platform::Platform;
use runce_threads::{Threads, block_on};
use std::future::Future;

pub(crate) struct Workers<const COUNT: usize>(Threads);

impl<const COUNT: usize> Platform for Workers<COUNT> {
    type Runtime = Threads;
    const BLOCKING: usize = 512;

    fn workers() -> usize {
        COUNT
    }

    fn start() -> Self {
        Self(Threads::with_workers(COUNT))
    }

    fn runtime(&self) -> Threads {
        self.0.clone()
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(future)
    }

    fn stop(self) -> Result<(), Self> {
        self.0.shut_down();
        Ok(())
    }
}
