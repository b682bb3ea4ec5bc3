//! A clock that is cheap to read.
use super::MonotonicClock;
use crate::executor::Clock;
use crate::sync::{Arc, AtomicUsize, Ordering, Weak};
use core::fmt;
use core::time::Duration;
use std::{io, thread};

/// A clock that a thread of its own moves on, for contexts that answer very many calls from
/// memory: to read it is one load, where the operating system's takes some ten times as long.
///
/// It is behind by one step at most, and what a busy machine adds; so is what is
/// remembered, which lasts as much longer. The thread ends with the last clone.
///
/// Its range is 49 days where a `usize` has 32 bits; after that it stands still.
///
/// # Examples
///
/// ```
/// use runce::{CoarseClock, Ctx};
/// use std::time::Duration;
///
/// let clock = CoarseClock::start(Duration::from_millis(10))?;
/// let ctx = Ctx::builder(()).clock(clock).ttl(Duration::from_secs(300)).build();
/// # let _ = ctx;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct CoarseClock(Arc<AtomicUsize>);

impl CoarseClock {
    /// Starts the thread, which moves the clock once in every `step`; a millisecond at least.
    ///
    /// # Errors
    ///
    /// When the operating system has no thread to give.
    pub fn start(step: Duration) -> io::Result<Self> {
        let step = step.max(Duration::from_millis(1));
        let shown = Arc::new(AtomicUsize::new(milliseconds()));
        let shared = Arc::downgrade(&shown);
        let thread = thread::Builder::new().name("runce-clock".into());
        let _ = thread.spawn(move || go_on(&shared, step))?;
        Ok(Self(shown))
    }
}

fn go_on(shown: &Weak<AtomicUsize>, step: Duration) {
    while let Some(shown) = shown.upgrade() {
        // ORDERING: a time orders nothing.
        shown.store(milliseconds(), Ordering::Relaxed);
        drop(shown);
        thread::sleep(step);
    }
}

fn milliseconds() -> usize {
    usize::try_from(MonotonicClock::new().now().as_millis()).unwrap_or(usize::MAX)
}

impl Clock for CoarseClock {
    fn now(&self) -> Duration {
        // ORDERING: see `go_on`.
        Duration::from_millis(self.0.load(Ordering::Relaxed) as u64)
    }
}

impl fmt::Debug for CoarseClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CoarseClock").field(&self.now()).finish()
    }
}
