//! A clock that moves by hand.
use crate::executor::{Clock, Sleep, Timer};
use crate::notify::{Notify, Told};
use crate::sync::{Arc, Lock};
use alloc::vec::Vec;
use core::fmt;
use core::future::{Future, poll_fn};
use core::task::{Poll, Waker};
use core::time::Duration;

/// A clock that stands still until it is moved. Clones show the same time.
///
/// # Examples
///
/// ```
/// use runce::testing::ManualClock;
/// use std::time::Duration;
///
/// let clock = ManualClock::new();
/// let hour = clock.sleep(Duration::from_secs(3600));
/// clock.clone().advance(Duration::from_secs(3600));
/// assert_eq!(clock.now(), Duration::from_secs(3600));
/// pollster::block_on(hour); // at once
/// ```
#[derive(Clone)]
pub struct ManualClock(Arc<Lock<Time>>);

struct Time {
    now: Duration,
    sleepers: Vec<(Duration, Waker)>,
}

impl ManualClock {
    /// A clock at zero.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Lock::new(Time {
            now: Duration::ZERO,
            sleepers: Vec::new(),
        })))
    }

    /// The time since the clock was made.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.0.with(|time| time.now)
    }

    /// Moves the clock, and wakes those whose time has come.
    pub fn advance(&self, by: Duration) {
        let due = self.0.with(|time| {
            time.now = time.now.saturating_add(by);
            let now = time.now;
            let (due, later) = core::mem::take(&mut time.sleepers)
                .into_iter()
                .partition(|(at, _)| *at <= now);
            time.sleepers = later;
            let due: Vec<(Duration, Waker)> = due;
            due
        });
        // One that panics keeps the others waiting for nothing.
        let mut told = Told::default();
        told.extend(due.into_iter().map(|(_, waker)| Notify::Waker(waker)));
        told.ring();
    }

    /// Waits until the clock has moved by so much, from now on. It is ready at its first poll
    /// if that is past by then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the wait; its waker is let go when the time has come.
    pub fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + use<> {
        let until = self.now().saturating_add(duration);
        let clock = self.clone();
        poll_fn(move |cx| {
            let waker = cx.waker().clone();
            clock.0.with(|time| {
                if time.now >= until {
                    return Poll::Ready(());
                }
                time.sleepers.push((until, waker));
                Poll::Pending
            })
        })
    }

    /// Moves to when the first sleeper is due. `false`: nobody sleeps.
    pub(super) fn skip(&self) -> bool {
        let next = self.0.with(|time| {
            let first = time.sleepers.iter().map(|(at, _)| *at).min();
            first.map(|at| at.saturating_sub(time.now))
        });
        next.map(|by| self.advance(by)).is_some()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.now()
    }
}

impl Timer for ManualClock {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(self.sleep(duration))
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ManualClock").field(&self.now()).finish()
    }
}
