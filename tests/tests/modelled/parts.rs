//! What models are made of, whichever checker runs them: a gate, a thread that sleeps until it is
//! woken, and time to yield.
use crate::checker::sync::{Condvar, Mutex, MutexGuard};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Poisoned by whoever unlocks while another thread unwinds: that means nothing.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Pending once for each, and awake at once.
pub(crate) async fn yields(mut n: usize) {
    poll_fn(|cx| {
        if n == 0 {
            return Poll::Ready(());
        }
        n -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The event that a run waits for. It opens once, and wakes once.
#[derive(Default)]
pub(crate) struct Gate(Mutex<(bool, Vec<Waker>)>);

impl Gate {
    pub(crate) fn open(&self) {
        let wakers = {
            let mut gate = lock(&self.0);
            gate.0 = true;
            std::mem::take(&mut gate.1)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(crate) async fn wait(&self) {
        poll_fn(|cx| {
            let mut gate = lock(&self.0);
            if gate.0 {
                return Poll::Ready(());
            }
            gate.1.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// A thread's waker, without spurious wakes.
#[derive(Default)]
struct Parker(Mutex<bool>, Condvar);

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        *lock(&self.0) = true;
        self.1.notify_one();
    }
}

impl Parker {
    fn sleep(&self) {
        let mut told = lock(&self.0);
        while !*told {
            told = self.1.wait(told).unwrap_or_else(PoisonError::into_inner);
        }
        *told = false;
    }
}

/// Polls as often as it is woken, `times` at most. `None`: it was pending then.
pub(crate) fn poll_times<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let parker = Arc::<Parker>::default();
    let waker = Waker::from(parker.clone());
    for turn in 1.. {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        if turn == times {
            return None;
        }
        parker.sleep();
    }
    None
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    poll_times(future, usize::MAX).expect("it was polled until it was ready")
}
