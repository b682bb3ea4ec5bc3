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

    /// How long ago it was.
    pub(crate) fn ago(self, now: Self) -> Duration {
        Duration::from_nanos(now.0.saturating_sub(self.0))
    }

    /// Is what lasts until then over? The moment itself is past.
    pub(crate) fn is_past(self, now: Self) -> bool {
        self != Self::NEVER && now >= self
    }
}

/// How a value ages: each moment is no earlier than the one above it, but `renew`, which may be
/// any. When it is nobody's any more is known besides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ages {
    /// From then on, whoever finds it sees to it that a newer one comes.
    pub(crate) renew: Moment,
    /// From then on it is stale.
    pub(crate) stale: Moment,
    /// From then on it is served only to those whose own run has failed.
    pub(crate) late: Moment,
}

/// What is to be done about a value of that age.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Age {
    Good,
    /// It is served, and a newer one is due.
    Due,
    Late,
}

impl Ages {
    pub(crate) fn at(self, now: Moment) -> Age {
        if self.late.is_past(now) {
            return Age::Late;
        }
        match self.renew.is_past(now) {
            true => Age::Due,
            false => Age::Good,
        }
    }

    /// A newer one failed to come: nobody tries again for a while, or before it is due, and all
    /// are served this one, unless it is over before.
    #[must_use]
    pub(crate) fn after_failure(self, now: Moment, pause: Duration, until: Moment) -> Self {
        let renew = self.renew.max(now.after(pause));
        let late = self.late.max(renew.min(until));
        Self {
            renew,
            late,
            ..self
        }
    }
}

/// What a context was told about what is older than its TTL, and how long that is.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Windows {
    /// Stale values are served for that long, while newer ones come.
    pub(crate) stale: Duration,
    /// They are served for that long, as long as no newer ones come.
    pub(crate) if_error: Duration,
    /// A newer one is due at that share of the TTL.
    pub(crate) ahead: Option<Share>,
}

impl Windows {
    /// The ages of a value that is fresh for that long from now on, and when it is over.
    pub(crate) fn ages(&self, now: Moment, fresh: Duration) -> (Ages, Moment) {
        let stale = now.after(fresh);
        let late = stale.after(self.stale);
        let until = late.max(stale.after(self.if_error));
        let renew = self.ahead.map_or(stale, |ahead| now.after(ahead.of(fresh)));
        (Ages { renew, stale, late }, until)
    }
}

/// A share of a whole, from 0 to 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Share(f64);

impl Share {
    /// What is no number is none of it.
    pub(crate) fn new(share: f64) -> Self {
        Self(if share > 0.0 { share.min(1.0) } else { 0.0 })
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a time is not exact, and a cast saturates"
    )]
    pub(crate) fn of(self, time: Duration) -> Duration {
        Duration::from_nanos((nanoseconds(time) as f64 * self.0) as u64)
    }

    /// A time that is shorter by a random part of this share.
    #[expect(
        clippy::cast_precision_loss,
        reason = "as random as the upper bits are"
    )]
    pub(crate) fn off(self, time: Duration, random: u64) -> Duration {
        let part = Self(self.0 * (random >> 11) as f64 / (1_u64 << 53) as f64);
        time.saturating_sub(part.of(time))
    }
}

fn nanoseconds(time: Duration) -> u64 {
    let seconds = time.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(u64::from(time.subsec_nanos()))
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

    const MINUTE: Duration = Duration::from_secs(60);

    fn windows() -> Windows {
        Windows {
            stale: 2 * SECOND,
            if_error: 5 * SECOND,
            ahead: Some(Share::new(0.75)),
        }
    }

    #[test]
    fn a_value_ages() {
        let (ages, until) = windows().ages(Moment::at(MINUTE), 4 * SECOND);
        let age = |milliseconds| {
            let time = Duration::from_millis(milliseconds);
            ages.at(Moment::at(MINUTE + time))
        };
        assert_eq!((age(0), age(2_999)), (Age::Good, Age::Good));
        let stale = |milliseconds| {
            let time = Duration::from_millis(milliseconds);
            ages.stale.is_past(Moment::at(MINUTE + time))
        };
        assert_eq!((age(3_000), age(5_999)), (Age::Due, Age::Due));
        assert_eq!((stale(3_999), stale(4_000)), (false, true));
        assert_eq!(age(6_000), Age::Late);
        assert_eq!(until, Moment::at(MINUTE + 9 * SECOND));
    }

    #[test]
    fn a_window_that_is_wider_than_the_other_holds_for_both() {
        let windows = Windows {
            stale: 9 * SECOND,
            ..windows()
        };
        let (ages, until) = windows.ages(Moment::at(MINUTE), 4 * SECOND);
        assert_eq!(
            (ages.late, until),
            (until, Moment::at(MINUTE + 13 * SECOND))
        );
    }

    #[test]
    fn after_a_failure_there_is_a_pause_but_not_beyond_the_end() {
        let (ages, until) = windows().ages(Moment::at(MINUTE), 4 * SECOND);
        let now = Moment::at(MINUTE + 7 * SECOND);
        let later = ages.after_failure(now, SECOND, until);
        assert_eq!(later.at(now), Age::Good);
        assert_eq!(later.at(now.after(SECOND)), Age::Late);
        let end = ages.after_failure(now, MINUTE, until);
        assert_eq!(end.late, until);
        let early = ages.after_failure(Moment::at(MINUTE), SECOND, until);
        assert_eq!(early.late, ages.late, "not earlier than without");
    }

    #[test]
    fn law_clock_is_injected_shares_are_from_nothing_to_all() {
        for (share, half) in [(0.5, 30), (7.0, 60), (-1.0, 0), (f64::NAN, 0)] {
            assert_eq!(Share::new(share).of(MINUTE).as_secs(), half, "{share}");
        }
        let all = Share::new(1.0);
        assert_eq!(all.of(Duration::MAX), Duration::from_nanos(u64::MAX));
        assert_eq!(Share::new(0.1).off(MINUTE, 0), MINUTE);
        let least = Share::new(0.1).off(MINUTE, u64::MAX);
        assert!(least >= Duration::from_secs(54) && least < Duration::from_secs(55));
        assert_eq!(Share::new(0.0).off(MINUTE, u64::MAX), MINUTE);
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
