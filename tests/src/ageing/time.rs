//! A clock that leaps, or a counter that wraps; and what they show, by plain arithmetic.
use super::Source;
use runce::{Clock, TickClock};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Counts how often it is asked.
#[derive(Clone)]
pub(super) struct Hand {
    inner: Arc<Inner>,
    pub(super) reads: Arc<AtomicUsize>,
}

enum Inner {
    Leaps(Mutex<Duration>),
    Ticks(Counter, TickClock<Box<dyn Fn() -> u32 + Send + Sync>>),
}

struct Counter {
    hertz: u32,
    /// What it shows.
    shown: Arc<AtomicU32>,
    /// All ticks that there were, and those that were seen.
    ticks: Mutex<u64>,
}

impl Hand {
    pub(super) fn new(source: Source) -> Self {
        let inner = match source {
            Source::Leaps(at) => Inner::Leaps(Mutex::new(at)),
            Source::Ticks(hertz, start) => {
                let shown = Arc::new(AtomicU32::new(start));
                let ticks = Mutex::new(u64::from(start));
                let read = shown.clone();
                let read: Box<dyn Fn() -> u32 + Send + Sync> = Box::new(move || read.load(SeqCst));
                let clock = TickClock::new(hertz, read);
                // It counts turns from when it is asked first.
                let _ = clock.now();
                Inner::Ticks(
                    Counter {
                        hertz,
                        shown,
                        ticks,
                    },
                    clock,
                )
            }
        };
        let (inner, reads) = (Arc::new(inner), Arc::default());
        Self { inner, reads }
    }

    /// A counter goes on by less than half a turn, and is read.
    pub(super) fn on(&self, by: Duration) {
        match &*self.inner {
            Inner::Leaps(at) => {
                let mut at = at.lock().unwrap();
                *at = at.saturating_add(by);
            }
            Inner::Ticks(counter, clock) => {
                let by = ticks(by);
                *counter.ticks.lock().unwrap() += u64::from(by);
                let shown = counter.shown.load(SeqCst).wrapping_add(by);
                counter.shown.store(shown, SeqCst);
                assert_eq!(clock.now(), self.now(), "after {by} ticks");
            }
        }
    }

    /// To that time, if it is to come; a counter to the last tick before.
    pub(super) fn to(&self, nanos: u128) {
        let Some(by) = nanos.checked_sub(self.now().as_nanos()) else {
            return;
        };
        let by = match &*self.inner {
            Inner::Leaps(_) => by,
            Inner::Ticks(counter, _) => {
                let ticks = by * u128::from(counter.hertz.max(1)) / 1_000_000_000;
                ticks.min((1 << 31) - 1)
            }
        };
        self.on(Duration::from_nanos(u64::try_from(by).unwrap_or(u64::MAX)));
    }

    /// A late reading of a counter shows what it has shown before: it is not taken for time.
    pub(super) fn back(&self, by: Duration) {
        match &*self.inner {
            Inner::Leaps(at) => {
                let mut at = at.lock().unwrap();
                *at = at.saturating_sub(by);
            }
            Inner::Ticks(counter, clock) => {
                let shown = counter.shown.load(SeqCst);
                counter.shown.store(shown.wrapping_sub(ticks(by)), SeqCst);
                assert_eq!(clock.now(), self.now(), "a late reading");
                counter.shown.store(shown, SeqCst);
            }
        }
    }

    /// What it has to show.
    pub(super) fn now(&self) -> Duration {
        match &*self.inner {
            Inner::Leaps(at) => *at.lock().unwrap(),
            Inner::Ticks(counter, _) => {
                let hertz = u128::from(counter.hertz.max(1));
                let ticks = u128::from(*counter.ticks.lock().unwrap());
                let nanos = ticks * 1_000_000_000 / hertz;
                let seconds = u64::try_from(nanos / 1_000_000_000).unwrap();
                Duration::new(seconds, (nanos % 1_000_000_000) as u32)
            }
        }
    }
}

/// Less than half a turn.
fn ticks(by: Duration) -> u32 {
    (by.as_nanos() % (1 << 31)) as u32
}

impl Clock for Hand {
    fn now(&self) -> Duration {
        self.reads.fetch_add(1, SeqCst);
        match &*self.inner {
            Inner::Leaps(at) => *at.lock().unwrap(),
            Inner::Ticks(_, clock) => clock.now(),
        }
    }
}
