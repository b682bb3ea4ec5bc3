//! A clock from a hardware counter.
use crate::executor::Clock;
use crate::freshness::{Ticks, ticks};
use crate::sync::ConstLock;
use core::fmt;
use core::time::Duration;

/// A clock from a counter of 32 bits that wraps, as microcontrollers have it.
///
/// It must be asked for the time at least once in half a turn of the counter, or it loses
/// turns: at 1 kHz in 24 days, at 1 MHz in 35 minutes. A call of [`Clock::now`] now and then sees
/// to that: from an interrupt with the feature `critical-section` only. It never goes back.
///
/// # Examples
///
/// ```
/// use runce::{Clock, Ctx, TickClock};
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use std::time::Duration;
///
/// // In the place of a register.
/// static COUNTER: AtomicU32 = AtomicU32::new(u32::MAX);
///
/// let clock = TickClock::new(1_000, || COUNTER.load(Ordering::Relaxed));
/// let before = clock.now();
/// COUNTER.store(499, Ordering::Relaxed); // 500 ticks on
/// assert_eq!(clock.now() - before, Duration::from_millis(500));
///
/// let ctx = Ctx::builder(()).clock(clock).ttl(Duration::from_secs(60)).build();
/// # let _ = ctx;
/// ```
pub struct TickClock<F> {
    read: F,
    per_second: u32,
    ticks: ConstLock<Option<Ticks>>,
}

impl<F: Fn() -> u32 + Send + Sync + 'static> TickClock<F> {
    /// A clock that reads its counter with `read`, which counts so many ticks in a second (0
    /// counts as 1). At first it shows what the counter does.
    pub const fn new(per_second: u32, read: F) -> Self {
        Self {
            read,
            per_second,
            ticks: ConstLock::new(None),
        }
    }
}

impl<F: Fn() -> u32 + Send + Sync + 'static> Clock for TickClock<F> {
    fn now(&self) -> Duration {
        let shown = (self.read)();
        let count = self.ticks.with(|ticks| {
            ticks
                .get_or_insert_with(|| Ticks::from(shown))
                .advance(shown)
        });
        ticks(count, self.per_second)
    }
}

impl<F> fmt::Debug for TickClock<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TickClock")
            .field("per_second", &self.per_second)
            .finish_non_exhaustive()
    }
}
