//! What a shelf has of an entry, in half a cache line.
use super::{Item, print};
use crate::entry::Node;
use crate::freshness::Moment;
use crate::guard::{catch_panic, drop_quietly, resume};
use crate::sync::{Arc, AtomicBool, Ordering, Weak};
use crate::table::Life;

/// A moment's bits that are not kept: the table is asked up to eight milliseconds too early.
const TICK: u32 = 23;

pub(super) enum Slot {
    /// Nobody can tell when it is dropped: it has no destructor.
    Kept {
        print: u16,
        fresh: Fresh,
        gone: AtomicBool,
        item: Arc<Item>,
    },
    /// It is dropped when it is forgotten; where it was stays allocated.
    Seen {
        print: u16,
        fresh: Fresh,
        gone: AtomicBool,
        item: Weak<Item>,
    },
}

/// From then on the table has to be asked: the tick, counted from an [`Era`]'s first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fresh(u32);

/// 417 days, of which ticks are counted. For what is over before or after, the table is asked.
#[derive(Clone, Copy)]
pub(super) struct Era(u64);

impl Slot {
    /// `kept`: nobody can tell when it is dropped.
    pub(super) fn new(node: &Arc<dyn Node>, kept: bool, fresh: Fresh) -> Self {
        let (print, gone) = (print(node.head().hash), AtomicBool::new(false));
        let item = node.clone().item();
        match kept {
            true => Self::Kept {
                print,
                fresh,
                gone,
                item,
            },
            false => Self::Seen {
                print,
                fresh,
                gone,
                item: Arc::downgrade(&item),
            },
        }
    }

    #[inline]
    fn head(&self) -> (u16, Fresh, &AtomicBool) {
        match self {
            Self::Kept {
                print, fresh, gone, ..
            }
            | Self::Seen {
                print, fresh, gone, ..
            } => (*print, *fresh, gone),
        }
    }

    pub(super) fn fresh(&self) -> Fresh {
        self.head().1
    }

    /// Is it of such a hash, and remembered?
    #[inline]
    pub(super) fn is(&self, print: u16) -> bool {
        self.head().0 == print && !self.is_gone()
    }

    #[inline]
    pub(super) fn is_gone(&self) -> bool {
        // ORDERING: pairs with the store in `forget`: who was told that it is forgotten sees it.
        self.head().2.load(Ordering::Acquire)
    }

    /// Under the table's lock. `false`: it was forgotten before.
    pub(super) fn forget(&self) -> bool {
        let was = self.is_gone();
        // ORDERING: pairs with the load in `is_gone`.
        self.head().2.store(true, Ordering::Release);
        !was
    }

    /// Foreign.
    #[inline]
    pub(super) fn serve<R>(&self, serve: impl FnOnce(&Item) -> Option<R>) -> Option<R> {
        match self {
            Self::Kept { item, .. } => serve(&**item),
            Self::Seen { item, .. } => serve_seen(item, serve),
        }
    }

    pub(super) fn address(&self) -> usize {
        match self {
            Self::Kept { item, .. } => Arc::as_ptr(item).cast::<()>().addr(),
            Self::Seen { item, .. } => item.as_ptr().cast::<()>().addr(),
        }
    }
}

/// Not inlined: so what the other way needs is in registers.
#[inline(never)]
pub(super) fn serve_seen<R>(
    item: &Weak<Item>,
    serve: impl FnOnce(&Item) -> Option<R>,
) -> Option<R> {
    let item = item.upgrade()?;
    let served = catch_panic(|| serve(&*item));
    // It may be the last: not while another panic unwinds.
    drop_quietly(item);
    served.unwrap_or_else(|panic| resume(panic))
}

impl Era {
    /// It begins as that began to live.
    pub(super) fn of(life: &Life) -> Self {
        Self(tick(life.born.min(plain_until(life))))
    }

    pub(super) fn fresh(self, life: &Life) -> Fresh {
        let until = plain_until(life);
        if until == Moment::NEVER {
            return Fresh::FOR_EVER;
        }
        let ticks = tick(until).saturating_sub(self.0);
        Fresh(u32::try_from(ticks).map_or(Fresh::LONG.0, |ticks| ticks.min(Fresh::LONG.0)))
    }

    /// Is nothing to be done about it?
    #[inline]
    pub(super) fn is_fresh(self, fresh: Fresh, now: Moment) -> bool {
        tick(now).saturating_sub(self.0) < u64::from(fresh.0)
    }
}

impl Fresh {
    /// Whatever the time is.
    pub(super) const FOR_EVER: Self = Self(u32::MAX);
    const LONG: Self = Self(u32::MAX - 1);
    pub(super) const NEVER: Self = Self(0);
}

#[inline]
const fn tick(moment: Moment) -> u64 {
    moment.0 >> TICK
}

/// Until then it is served to whoever asks, and nothing is to be done about it.
fn plain_until(life: &Life) -> Moment {
    let ages = life.ages;
    let ages = ages.map(|ages| ages.renew.min(ages.stale).min(ages.late));
    ages.map_or(life.until, |ages| ages.min(life.until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    fn life(born: Duration, until: Duration) -> Life {
        Life {
            born: Moment::at(born),
            until: Moment::at(until),
            ..Life::FOR_EVER
        }
    }

    const HOUR: Duration = Duration::from_secs(60 * 60);
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    /// Whenever it begins, and whatever comes then, at whatever time.
    #[test]
    fn what_is_fresh_is_not_over() {
        for first in [Duration::ZERO, HOUR, 54 * YEAR] {
            let era = Era::of(&life(first, first + HOUR));
            for until in [
                Duration::ZERO,
                first / 2,
                first,
                first + HOUR,
                first + 3 * YEAR,
            ] {
                let fresh = era.fresh(&life(first, until));
                assert!(fresh != Fresh::FOR_EVER);
                for now in [Duration::ZERO, until, first, first + YEAR, first + 5 * YEAR] {
                    if era.is_fresh(fresh, Moment::at(now)) {
                        assert!(now < until, "{first:?} {until:?} {now:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_over_soon_is_fresh_whoever_came_first() {
        for (now, long) in [(HOUR, HOUR), (HOUR, 3 * YEAR), (54 * YEAR, 3 * YEAR)] {
            let era = Era::of(&life(now, now + long));
            let until = now + YEAR / 2;
            let fresh = era.fresh(&life(now + HOUR, until));
            for now in [now, until - Duration::from_millis(9)] {
                assert!(era.is_fresh(fresh, Moment::at(now)), "{now:?}");
            }
        }
    }

    #[test]
    fn what_lasts_for_ever_is_fresh_whatever_the_time() {
        let era = Era::of(&life(HOUR, 2 * HOUR));
        assert!(era.fresh(&Life::FOR_EVER) == Fresh::FOR_EVER);
    }

    #[test]
    #[cfg(not(any(runce_loom, runce_shuttle)))]
    fn two_are_in_a_cache_line() {
        assert_eq!(size_of::<super::super::Place>(), 32);
    }
}
