//! Both flavours of tokio's runtime.
use crate::platform::Platform;
use runce_tokio::Tokio;
use std::future::Future;
use tokio::runtime::{Builder, Runtime};

pub(crate) struct TokioCurrentThread(Runtime);
pub(crate) struct TokioMultiThread(Runtime);

impl Platform for TokioCurrentThread {
    type Runtime = Tokio;
    const BLOCKING: usize = 512; // tokio's own limit

    fn start() -> Self {
        Self(Builder::new_current_thread().enable_all().build().unwrap())
    }

    fn runtime(&self) -> Tokio {
        self.0.handle().clone().into()
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn stop(self) -> Result<(), Self> {
        self.0.shutdown_background();
        Ok(())
    }

    fn jobs(&self) -> usize {
        self.0.metrics().num_alive_tasks()
    }
}

impl Platform for TokioMultiThread {
    type Runtime = Tokio;
    const BLOCKING: usize = 512;

    fn workers() -> usize {
        2
    }

    fn start() -> Self {
        let builder = &mut Builder::new_multi_thread();
        Self(builder.worker_threads(2).enable_all().build().unwrap())
    }

    fn runtime(&self) -> Tokio {
        self.0.handle().clone().into()
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn stop(self) -> Result<(), Self> {
        self.0.shutdown_background();
        Ok(())
    }

    fn jobs(&self) -> usize {
        self.0.metrics().num_alive_tasks()
    }
}
