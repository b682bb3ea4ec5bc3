//! How long what is remembered stays fresh: arithmetic on the clock's time, and no clock.
use core::time::Duration;

/// A moment on a context's clock, in nanoseconds: enough for 584 years. What lies further off
/// never comes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Moment(pub(crate) u64);

impl Moment {
    pub(crate) const NEVER: Self = Self(u64::MAX);

    /// What a clock shows.
    pub(crate) fn at(time: Duration) -> Self {
        Self(nanoseconds(time))
    }

    #[must_use]
    pub(crate) fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(nanoseconds(time)))
    }

    /// Is what lasts until then over? The moment itself is past.
    pub(crate) fn is_past(self, now: Self) -> bool {
        self != Self::NEVER && now >= self
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A counter of 32 bits that wraps, as one that does not.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Ticks(u64);

impl From<u32> for Ticks {
    fn from(shown: u32) -> Self {
        Self(u64::from(shown))
    }
}

impl Ticks {
    /// The count, from what the counter shows. A reading that comes late, so that it seems to
    /// go back by less than half of its range, is not taken for a wrap.
    pub(crate) fn advance(&mut self, shown: u32) -> u64 {
        let Self(known) = *self;
        #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
        let ahead = shown.wrapping_sub(known as u32);
        if ahead <= u32::MAX / 2 {
            self.0 = known.saturating_add(u64::from(ahead));
        }
        self.0
    }
}

/// So many ticks of a clock with that frequency.
pub(crate) fn ticks(count: u64, per_second: u32) -> Duration {
    let hertz = u64::from(per_second.max(1));
    let rest = (count % hertz) * 1_000_000_000 / hertz;
    Duration::new(count / hertz, u32::try_from(rest).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_moment_itself_is_past() {
        let expiry = Moment::at(SECOND).after(SECOND);
        assert!(!expiry.is_past(Moment(1_999_999_999)));
        assert!(expiry.is_past(Moment(2_000_000_000)));
        assert!(expiry.is_past(Moment::NEVER));
    }

    #[test]
    fn law_clock_is_injected_nothing_overflows() {
        let far = Moment::at(SECOND).after(Duration::MAX);
        assert_eq!(far, Moment::NEVER);
        assert!(!far.is_past(Moment::at(Duration::MAX)));
        assert_eq!(Moment::at(Duration::MAX).after(SECOND), Moment::NEVER);
    }

    #[test]
    fn a_counter_that_wraps_goes_on() {
        let mut ticks = Ticks::default();
        assert_eq!(ticks.advance(0x7FFF_FFFF), 0x7FFF_FFFF);
        assert_eq!(ticks.advance(0xFFFF_FFF0), 0xFFFF_FFF0);
        assert_eq!(ticks.advance(0x10), 0x1_0000_0010);
        assert_eq!(ticks.advance(0xFFFF_FFFF), 0x1_0000_0010, "a late reading");
        assert_eq!(ticks.advance(0x11), 0x1_0000_0011);
    }

    #[test]
    fn ticks_are_time() {
        assert_eq!(ticks(1_500, 1_000), Duration::from_millis(1_500));
        assert_eq!(ticks(1, 3), Duration::from_nanos(333_333_333));
        assert_eq!(ticks(7, 0), Duration::from_secs(7));
        assert_eq!(ticks(u64::MAX, u32::MAX).as_secs(), 4_294_967_297);
    }
}
