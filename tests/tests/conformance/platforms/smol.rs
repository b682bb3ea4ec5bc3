//! smol: its global executor, which nobody can stop, and one of our own on two threads.
use crate::platform::Platform;
use runce_smol::Smol;
use runce_tests::Gate;
use smol::{Executor, block_on};
use std::future::Future;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

pub(crate) struct SmolGlobal;

pub(crate) struct SmolOwn {
    executor: Arc<Executor<'static>>,
    stop: Arc<Gate>,
    threads: Vec<JoinHandle<()>>,
}

impl Platform for SmolGlobal {
    type Runtime = Smol;
    const BLOCKING: usize = 500;

    fn start() -> Self {
        Self
    }

    fn runtime(&self) -> Smol {
        Smol::new()
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(future)
    }

    fn stop(self) -> Result<(), Self> {
        Err(self)
    }
}

impl Platform for SmolOwn {
    type Runtime = Smol;
    const BLOCKING: usize = 500;
    const CATCHES: bool = false;

    fn workers() -> usize {
        2
    }

    fn start() -> Self {
        let (executor, stop) = (Arc::new(Executor::new()), Gate::new());
        let threads = (0..Self::workers()).map(|_| {
            let (executor, stop) = (executor.clone(), stop.clone());
            thread::spawn(move || block_on(executor.run(stop.wait())))
        });
        Self {
            threads: threads.collect(),
            executor,
            stop,
        }
    }

    fn runtime(&self) -> Smol {
        Smol::on(&self.executor)
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(future)
    }

    fn stop(self) -> Result<(), Self> {
        drop(self);
        Ok(())
    }

    fn jobs(&self) -> usize {
        usize::from(!self.executor.is_empty())
    }
}

impl Drop for SmolOwn {
    fn drop(&mut self) {
        self.stop.open();
        self.threads.drain(..).for_each(|t| t.join().unwrap());
    }
}
