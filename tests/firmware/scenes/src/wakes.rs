//! A waker that notes that it was woken, and the smallest executor there is.
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use portable_atomic::{AtomicUsize, Ordering::Relaxed};
use runce::Arc;

/// A waker that counts: the loop below polls again only if it was told to.
#[derive(Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wakes {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let wakes = Arc::new(Self::default());
        (wakes.clone(), Waker::from(wakes))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Relaxed)
    }
}

#[cfg(target_has_atomic = "ptr")]
impl alloc::task::Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[cfg(not(target_has_atomic = "ptr"))]
impl portable_atomic_util::task::Wake for Wakes {
    fn wake(this: Arc<Self>) {
        this.0.fetch_add(1, Relaxed);
    }
}

/// Output and number of polls, or `None` if the future waits and nobody woke it. A lost wake
/// thus fails here instead of hanging.
pub(crate) fn finish<F: Future>(mut future: Pin<&mut F>) -> Option<(F::Output, usize)> {
    let (wakes, waker) = Wakes::new();
    let mut polls = 0;
    loop {
        let before = wakes.count();
        polls += 1;
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some((output, polls));
        }
        if wakes.count() == before {
            return None;
        }
    }
}
