//! An executor with a thread for each job, which may drop it after some polls, and that
//! refuses some.
use crate::parts::{block_on, lock, poll_times};
use runce::{Executor, Job, Work};
use runce_tests::Rng;
use shuttle::sync::Mutex;
use shuttle::thread::{self, JoinHandle};
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct Hands(Arc<Inner>);

struct Inner {
    chance: Mutex<Rng>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Hands {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Inner {
            chance: Mutex::new(Rng(seed)),
            threads: Mutex::default(),
        }))
    }

    fn start(&self, work: impl FnOnce() + Send + 'static) {
        let thread = thread::spawn(work);
        lock(&self.0.threads).push(thread);
    }

    fn draw(&self, bound: u64) -> u64 {
        lock(&self.0.chance).below(bound)
    }

    /// Waits for all threads, of which the last ones may start others.
    pub(crate) fn rest(&self) {
        loop {
            let Some(thread) = lock(&self.0.threads).pop() else {
                return;
            };
            thread.join().unwrap();
        }
    }
}

impl Executor for Hands {
    fn spawn(&self, job: Job) {
        match self.draw(8) {
            0 => drop(job),
            1 => self.start(|| poll_times(job, 1).unwrap_or_default()),
            2 => self.start(|| poll_times(job, 2).unwrap_or_default()),
            _ => self.start(|| block_on(job)),
        }
    }

    fn spawn_blocking(&self, work: Work) {
        match self.draw(4) {
            0 => drop(work),
            _ => self.start(|| work.run()),
        }
    }
}
