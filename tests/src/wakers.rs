//! Wakers that count, that poll from inside `wake`, that panic.
use crate::{BoxFuture, poll};
use runce::Error;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};

/// Counts its wakes.
#[derive(Default)]
pub struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Count {
    pub fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

pub fn counter() -> (Arc<Count>, Waker) {
    let count = Arc::new(Count::default());
    (count.clone(), count.into())
}

pub fn panicking_waker() -> Waker {
    struct Bad;
    impl Wake for Bad {
        fn wake(self: Arc<Self>) {
            panic!("bad waker");
        }
    }
    Arc::new(Bad).into()
}

/// A waker that polls its future from inside `wake`.
pub struct Inline {
    future: Mutex<Option<BoxFuture<'static>>>,
    wakes: AtomicUsize,
    outcome: Mutex<Option<Result<u64, Error>>>,
}

impl Inline {
    pub fn start(future: BoxFuture<'static>) -> Arc<Self> {
        let inline = Arc::new(Self {
            future: Mutex::new(Some(future)),
            wakes: AtomicUsize::new(0),
            outcome: Mutex::default(),
        });
        inline.clone().wake();
        inline
    }

    pub fn outcome(&self) -> Option<Result<u64, Error>> {
        self.outcome.lock().unwrap().take()
    }
}

impl Wake for Inline {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
        // Woken during its poll, it is polled again by whoever polls it.
        while let Ok(mut place) = self.future.try_lock() {
            if self.wakes.swap(0, SeqCst) == 0 {
                return;
            }
            let Some(future) = &mut *place else { return };
            if let Poll::Ready(outcome) = poll(future, &self.clone().into()) {
                *self.outcome.lock().unwrap() = Some(outcome);
                let done = place.take();
                drop(place);
                drop(done);
                return;
            }
        }
    }
}
