//! An executor of one core.
use crate::Board;
use crate::wakes::Wakes;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use critical_section::Mutex;
use runce::{Arc, Executor, Job};

pub(super) struct Jobs {
    jobs: Mutex<RefCell<Vec<Job>>>,
    wakes: Arc<Wakes>,
    waker: Waker,
}

impl Jobs {
    pub(super) fn new() -> Self {
        let (wakes, waker) = Wakes::new();
        Self {
            jobs: Mutex::new(RefCell::new(Vec::new())),
            wakes,
            waker,
        }
    }

    fn take(&self) -> Vec<Job> {
        critical_section::with(|section| self.jobs.take(section))
    }

    fn push(&self, job: Job) {
        critical_section::with(|section| self.jobs.borrow_ref_mut(section).push(job));
    }

    /// Polls the future and all jobs whenever one of them was woken, and sleeps meanwhile.
    pub(super) fn block_on<F: Future>(&self, board: &Board, mut future: Pin<&mut F>) -> F::Output {
        let cx = &mut Context::from_waker(&self.waker);
        loop {
            let before = self.wakes.count();
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return output;
            }
            for mut job in self.take() {
                if Pin::new(&mut job).poll(cx).is_pending() {
                    self.push(job);
                }
            }
            // Looked at where no interrupt comes in between, or its wake would be slept over.
            while critical_section::with(|_| {
                let sleep = self.wakes.count() == before;
                if sleep {
                    (board.idle)();
                }
                sleep
            }) {}
        }
    }
}

impl Executor for Jobs {
    fn spawn(&self, job: Job) {
        self.push(job);
        self.waker.wake_by_ref();
    }
}
