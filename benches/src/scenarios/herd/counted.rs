//! Counts how often callers are woken and polled.
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

#[derive(Default)]
pub struct Tally {
    wakes: AtomicU64,
    polls: AtomicU64,
}

impl Tally {
    pub fn wakes(&self) -> u64 {
        self.wakes.load(Relaxed)
    }

    pub fn polls(&self) -> u64 {
        self.polls.load(Relaxed)
    }
}

pub struct Counted<F> {
    call: F,
    tally: Arc<Tally>,
}

impl<F> Counted<F> {
    pub fn new(call: F, tally: Arc<Tally>) -> Self {
        Self { call, tally }
    }
}

impl<F: Future + Unpin> Future for Counted<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.tally.polls.fetch_add(1, Relaxed);
        let woken = Woken {
            inner: cx.waker().clone(),
            tally: self.tally.clone(),
        };
        let waker = Waker::from(Arc::new(woken));
        Pin::new(&mut self.call).poll(&mut Context::from_waker(&waker))
    }
}

struct Woken {
    inner: Waker,
    tally: Arc<Tally>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.tally.wakes.fetch_add(1, Relaxed);
        self.inner.wake_by_ref();
    }
}
