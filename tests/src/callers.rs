//! Callers, polled by hand.
use crate::{App, BoxFuture, Count, caller, counter};
use runce::{Ctx, Error};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

pub fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Polls as long as it is woken. `None`: it would hang. Also the number of polls.
pub fn finish<F: Future + Unpin>(future: &mut F) -> Option<(F::Output, usize)> {
    let (count, waker) = counter();
    for polls in 1.. {
        let before = count.get();
        if let Poll::Ready(output) = poll(future, &waker) {
            return Some((output, polls));
        }
        if count.get() == before {
            return None;
        }
    }
    None
}

/// Polls until ready or hung.
pub fn now<F: Future>(future: F) -> F::Output {
    finish(&mut Box::pin(future)).expect("it hangs").0
}

/// Blocks the thread until it is ready.
pub fn block_on<F: Future>(future: F) -> F::Output {
    /// Woken or not: a thread that blocks within what it polls takes the `unpark`s of others.
    struct Unpark(Thread, AtomicBool);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.1.store(true, SeqCst);
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let unpark = Arc::new(Unpark(std::thread::current(), AtomicBool::new(false)));
    let waker = Waker::from(unpark.clone());
    loop {
        if let Poll::Ready(output) = poll(&mut future.as_mut(), &waker) {
            return output;
        }
        while !unpark.1.swap(false, SeqCst) {
            std::thread::park();
        }
    }
}

/// A caller that waits, with a counted waker of its own.
pub struct Waiting {
    future: BoxFuture<'static>,
    count: Arc<Count>,
    waker: Waker,
}

/// A caller that was polled once and has to wait.
pub fn waiting(ctx: &Ctx<App>, k: u32) -> Waiting {
    let (count, waker) = counter();
    let mut waiting = Waiting {
        future: caller(ctx, k),
        count,
        waker,
    };
    assert!(waiting.poll().is_pending(), "{k} has nothing to wait for");
    waiting
}

impl Waiting {
    pub fn poll(&mut self) -> Poll<Result<u64, Error>> {
        poll(&mut self.future, &self.waker)
    }

    /// How often it was woken.
    pub fn woken(&self) -> usize {
        self.count.get()
    }

    /// Polls as long as it is woken, from now on. It must come to an end.
    pub fn outcome(&mut self) -> Result<u64, Error> {
        finish(&mut self.future).expect("it hangs").0
    }
}
