//! async-std, of which there is one in a process.
use crate::platform::Platform;
use async_std::task::block_on;
use runce_async_std::AsyncStd;
use std::future::Future;
use std::num::NonZero;
use std::thread::available_parallelism;

pub(crate) struct AsyncStdGlobal;

impl Platform for AsyncStdGlobal {
    type Runtime = AsyncStd;
    const BLOCKING: usize = 500;

    fn workers() -> usize {
        available_parallelism().map_or(1, NonZero::get)
    }

    fn start() -> Self {
        Self
    }

    fn runtime(&self) -> AsyncStd {
        AsyncStd::new()
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(future)
    }

    fn stop(self) -> Result<(), Self> {
        Err(self)
    }
}
