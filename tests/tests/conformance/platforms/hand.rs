//! The executor that is driven by hand: here by a thread, and its time by the tests.
use crate::platform::Platform;
use runce::testing::ManualClock;
use runce::{Clock, Executor, Job, Sleep, Timer};
use runce_tests::{Hand, block_on};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub(crate) struct HandOnAThread {
    driven: Driven,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Default)]
pub(crate) struct Driven {
    hand: Hand,
    clock: ManualClock,
    stopped: Arc<AtomicBool>,
}

impl Driven {
    fn drive(&self) {
        while !self.stopped.load(SeqCst) {
            if self.hand.go() == 0 {
                thread::yield_now();
            }
        }
    }
}

impl Executor for Driven {
    fn spawn(&self, job: Job) {
        self.hand.spawn(job);
        if self.stopped.load(SeqCst) {
            self.hand.shut_down();
        }
    }
}

impl Clock for Driven {
    fn now(&self) -> Duration {
        self.clock.now()
    }
}

impl Timer for Driven {
    fn sleep(&self, duration: Duration) -> Sleep {
        Timer::sleep(&self.clock, duration)
    }
}

impl Platform for HandOnAThread {
    type Runtime = Driven;
    const BLOCKING: usize = 0;
    const CATCHES: bool = false;

    fn start() -> Self {
        let driven = Driven::default();
        let driver = driven.clone();
        Self {
            driven,
            thread: Some(thread::spawn(move || driver.drive())),
        }
    }

    fn runtime(&self) -> Driven {
        self.driven.clone()
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(future)
    }

    fn pass(&self, time: Duration) {
        self.driven.clock.advance(time);
    }

    fn stop(self) -> Result<(), Self> {
        drop(self);
        Ok(())
    }

    fn jobs(&self) -> usize {
        self.driven.hand.jobs()
    }
}

impl Drop for HandOnAThread {
    fn drop(&mut self) {
        self.driven.stopped.store(true, SeqCst);
        let driver = self.thread.take().map(JoinHandle::join);
        self.driven.hand.shut_down();
        driver.into_iter().for_each(|driver| driver.unwrap());
    }
}
