//! Clocks.
#[cfg(feature = "std")]
mod coarse;
mod ticks;

#[cfg(feature = "std")]
pub use coarse::CoarseClock;
pub use ticks::TickClock;

#[cfg(feature = "std")]
use super::Clock;
#[cfg(feature = "std")]
use core::time::Duration;
#[cfg(feature = "std")]
use std::{sync::OnceLock, time::Instant};

/// The monotonic clock of the operating system. A context that was given no clock uses it
/// where it needs one.
///
/// # Examples
///
/// ```
/// use runce::{Clock, MonotonicClock};
///
/// let (earlier, later) = (MonotonicClock::new().now(), MonotonicClock::new().now());
/// assert!(earlier <= later); // all of them show the same time
/// ```
#[cfg(feature = "std")]
#[derive(Clone, Copy, Default, Debug)]
#[non_exhaustive]
pub struct MonotonicClock;

#[cfg(feature = "std")]
static START: OnceLock<Instant> = OnceLock::new();

#[cfg(feature = "std")]
impl MonotonicClock {
    /// The clock.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

#[cfg(feature = "std")]
impl Clock for MonotonicClock {
    fn now(&self) -> Duration {
        START.get_or_init(Instant::now).elapsed()
    }
}
