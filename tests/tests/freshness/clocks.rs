//! Clocks that do what no good clock does, or tell when they are asked.
use runce::Clock;
use runce::testing::ManualClock;
use runce_tests::Hook;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const NANO: Duration = Duration::from_nanos(1);

/// Counts how often it is asked, and does something before it answers.
#[derive(Clone, Default)]
pub(crate) struct Watched {
    pub(crate) clock: ManualClock,
    pub(crate) reads: Arc<AtomicUsize>,
    pub(crate) hook: Hook,
}

impl Watched {
    /// How often it was asked since the last time.
    pub(crate) fn take_reads(&self) -> usize {
        self.reads.swap(0, SeqCst)
    }
}

impl Clock for Watched {
    fn now(&self) -> Duration {
        self.reads.fetch_add(1, SeqCst);
        if let Some(hook) = self.hook.take() {
            hook();
        }
        self.clock.now()
    }
}

/// Reads the time, then does something, and only then tells what it read.
#[derive(Clone, Default)]
pub(crate) struct Late {
    pub(crate) clock: ManualClock,
    pub(crate) hook: Hook,
}

impl Clock for Late {
    fn now(&self) -> Duration {
        let now = self.clock.now();
        if let Some(hook) = self.hook.take() {
            hook();
        }
        now
    }
}

/// Shows these times in turn, over and over.
pub(crate) struct Leaping {
    times: Vec<Duration>,
    next: AtomicUsize,
}

impl Leaping {
    pub(crate) fn new(seconds: &[u64]) -> Self {
        Self {
            times: seconds.iter().copied().map(Duration::from_secs).collect(),
            next: AtomicUsize::new(0),
        }
    }
}

impl Clock for Leaping {
    fn now(&self) -> Duration {
        self.times[self.next.fetch_add(1, SeqCst) % self.times.len()]
    }
}

/// Panics when it is asked.
pub(crate) struct Broken;

impl Clock for Broken {
    fn now(&self) -> Duration {
        panic!("the clock is broken")
    }
}
