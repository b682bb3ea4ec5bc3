//! When what is remembered is to be forgotten: a hierarchical timing wheel (Varghese and
//! Lauck, "Hashed and hierarchical timing wheels", SOSP 1987).
//!
//! Each level has 64 buckets, each as long as all of the level below. Time goes on bucket by
//! bucket: one of the lowest level holds what is over, one of a higher level is spread over
//! those below. Either is done entry by entry, as many at a time as the caller likes, so no
//! call pays for more than it wants to.
//!
//! What it knows of an entry stands with the entry, in a store that is somebody else's.
use crate::freshness::Moment;
use alloc::boxed::Box;

/// A tick is so many bits of a nanosecond's count: about a millisecond.
const TICK: u32 = 20;
const BITS: u32 = 6;
const BUCKETS: usize = 1 << BITS;
/// Enough for all ticks that there can be.
const LEVELS: usize = (u64::BITS - TICK).div_ceil(BITS) as usize;
const NOWHERE: u32 = u32::MAX;
/// The first in a bucket leads back to that, from this number on; places are below.
const BUCKET: u32 = 1 << 31;

pub(super) struct Wheel {
    /// Of each level's buckets, once there was something in one.
    heads: [Option<Box<[u32; BUCKETS]>>; LEVELS],
    /// Which buckets of each level are not empty.
    occupied: [u64; LEVELS],
    /// All buckets before this tick are empty.
    elapsed: u64,
    /// The same, as far as is known without a search: not before `elapsed`.
    due: u64,
}

/// When an entry is over, and its neighbours in its bucket.
#[derive(Clone, Copy)]
pub(super) struct Timer {
    until: Moment,
    prev: u32,
    next: u32,
}

/// Where entries are, each with its timer.
pub(super) trait Timers {
    fn timer(&self, place: u32) -> &Timer;
    fn timer_mut(&mut self, place: u32) -> &mut Timer;
}

/// What a turn of the wheel did.
pub(super) enum Turn {
    /// That entry is over, and no longer in the wheel.
    Over(u32),
    /// One entry is nearer to its end.
    Moved,
    /// Nothing is due.
    Rest,
}

struct Bucket {
    level: usize,
    index: usize,
    /// Its first tick.
    start: u64,
}

impl Timer {
    /// Of what is not in the wheel.
    pub(super) const NONE: Self = Self {
        until: Moment::NEVER,
        prev: NOWHERE,
        next: NOWHERE,
    };

    /// How long the entry is fresh.
    pub(super) fn until(&self) -> Moment {
        self.until
    }
}

impl Wheel {
    pub(super) fn new() -> Self {
        Self {
            heads: [const { None }; LEVELS],
            occupied: [0; LEVELS],
            elapsed: 0,
            due: u64::MAX,
        }
    }

    /// Before that moment no turn does anything.
    pub(super) fn due(&self) -> Moment {
        Moment(self.due.saturating_mul(1 << TICK))
    }

    /// From now on that entry is over at that moment.
    pub(super) fn insert(&mut self, timers: &mut impl Timers, place: u32, until: Moment) {
        self.remove(timers, place);
        if until != Moment::NEVER {
            timers.timer_mut(place).until = until;
            self.link(timers, place);
        }
    }

    pub(super) fn remove(&mut self, timers: &mut impl Timers, place: u32) {
        if timers.timer(place).until != Moment::NEVER {
            self.unlink(timers, place);
            *timers.timer_mut(place) = Timer::NONE;
        }
    }

    /// Turns the wheel by one entry.
    pub(super) fn turn(&mut self, timers: &mut impl Timers, now: Moment) -> Turn {
        let next = self.next();
        self.due = next.as_ref().map_or(u64::MAX, |bucket| bucket.start);
        let now = now.0 >> TICK;
        let Some(bucket) = next.filter(|bucket| bucket.start <= now) else {
            return Turn::Rest;
        };
        self.elapsed = self.elapsed.max(bucket.start);
        let place = *self.head(bucket.level, bucket.index);
        // Who looks late need not move what is over by then.
        if bucket.level == 0 || over_at(timers.timer(place)) <= now {
            self.remove(timers, place);
            return Turn::Over(place);
        }
        self.unlink(timers, place);
        self.link(timers, place);
        Turn::Moved
    }

    /// An entry, and its timer with it, has moved there.
    pub(super) fn moved(&mut self, timers: &mut impl Timers, to: u32) {
        let Timer { until, prev, next } = *timers.timer(to);
        if until != Moment::NEVER {
            self.lead(timers, prev, next, to, to);
        }
    }

    /// The first bucket that is not empty.
    fn next(&self) -> Option<Bucket> {
        let buckets = (0..LEVELS).filter_map(|level| self.next_of(level));
        buckets.min_by_key(|bucket| bucket.start)
    }

    fn next_of(&self, level: usize) -> Option<Bucket> {
        if self.occupied[level] == 0 {
            return None;
        }
        let index = self.occupied[level].trailing_zeros();
        let shift = BITS * level as u32;
        // Higher digits are those of the time that has elapsed.
        let above = (self.elapsed >> shift) & !(BUCKETS as u64 - 1);
        Some(Bucket {
            level,
            index: index as usize,
            start: (above | u64::from(index)) << shift,
        })
    }

    fn head(&mut self, level: usize, bucket: usize) -> &mut u32 {
        let heads = self.heads[level].get_or_insert_with(|| Box::new([NOWHERE; BUCKETS]));
        &mut heads[bucket]
    }

    fn link(&mut self, timers: &mut impl Timers, place: u32) {
        let tick = over_at(timers.timer(place)).max(self.elapsed);
        let level = (tick ^ self.elapsed).checked_ilog2().unwrap_or(0) / BITS;
        let start = tick >> (BITS * level);
        self.due = self.due.min(start << (BITS * level));
        let (level, index) = (level as usize, start as usize % BUCKETS);
        self.occupied[level] |= 1 << index;
        let (prev, next) = (bucket(level, index), *self.head(level, index));
        let timer = timers.timer_mut(place);
        (timer.prev, timer.next) = (prev, next);
        self.lead(timers, prev, next, place, place);
    }

    fn unlink(&mut self, timers: &mut impl Timers, place: u32) {
        let Timer { prev, next, .. } = *timers.timer(place);
        self.lead(timers, prev, next, next, prev);
        if next == NOWHERE && prev >= BUCKET {
            let (level, index) = level_and_index(prev);
            self.occupied[level] &= !(1 << index);
        }
    }

    /// What was before `next` leads on to that, and what was after `prev` leads back to that.
    fn lead(&mut self, timers: &mut impl Timers, prev: u32, next: u32, on: u32, back: u32) {
        if next != NOWHERE {
            timers.timer_mut(next).prev = back;
        }
        if prev < BUCKET {
            timers.timer_mut(prev).next = on;
        } else {
            let (level, index) = level_and_index(prev);
            *self.head(level, index) = on;
        }
    }
}

/// The tick in which it is over for certain.
fn over_at(timer: &Timer) -> u64 {
    (timer.until.0 >> TICK) + 1
}

fn bucket(level: usize, index: usize) -> u32 {
    BUCKET + (level * BUCKETS + index) as u32
}

fn level_and_index(bucket: u32) -> (usize, usize) {
    let bucket = (bucket - BUCKET) as usize;
    (bucket / BUCKETS, bucket % BUCKETS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    impl Timers for Vec<Timer> {
        fn timer(&self, place: u32) -> &Timer {
            &self[place as usize]
        }

        fn timer_mut(&mut self, place: u32) -> &mut Timer {
            &mut self[place as usize]
        }
    }

    fn timers() -> Vec<Timer> {
        alloc::vec![Timer::NONE; 40]
    }

    /// All that is over by then, and how many turns it took.
    fn sweep(wheel: &mut Wheel, timers: &mut Vec<Timer>, now: u64) -> (Vec<u32>, usize) {
        let (mut over, mut turns) = (Vec::new(), 0);
        loop {
            turns += 1;
            match wheel.turn(timers, Moment(now)) {
                Turn::Over(place) => over.push(place),
                Turn::Moved => {}
                Turn::Rest => return (over, turns),
            }
        }
    }

    /// Against a list of pairs, over random insertions, removals and leaps of the clock, back
    /// as well: nothing is over too early, nothing later than a tick or two.
    #[test]
    fn it_does_what_a_list_of_times_does() {
        for seed in 1..200_u64 {
            let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut draw = move |below: u64| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                random % below
            };
            let (mut wheel, mut timers) = (Wheel::new(), timers());
            let mut model = BTreeMap::new();
            let (mut now, mut latest) = (draw(1 << 40), 0);
            for _ in 0..300 {
                let place = draw(40) as u32;
                match draw(6) {
                    0..3 => {
                        let range = 1 << (18 + draw(30));
                        let until = now.saturating_add(draw(range) + 1);
                        wheel.insert(&mut timers, place, Moment(until));
                        let _ = model.insert(place, until);
                    }
                    3 => {
                        wheel.remove(&mut timers, place);
                        let _ = model.remove(&place);
                    }
                    4 => now = now.saturating_sub(draw(1 << 24)),
                    _ => {
                        let leap = 1 << (20 + draw(20));
                        now += draw(leap);
                    }
                }
                let (over, turns) = sweep(&mut wheel, &mut timers, now);
                assert!(turns <= 1 + 40 * LEVELS, "seed {seed}");
                for place in over {
                    assert!(model.remove(&place).is_some_and(|until| until <= now));
                }
                latest = now.max(latest);
                // A clock that went back does not turn the wheel back.
                let late = |until: &u64| (until.max(&latest) >> TICK) + 2 <= now >> TICK;
                assert!(!model.values().any(late), "seed {seed}");
                for (place, until) in &model {
                    assert_eq!(timers.timer(*place).until(), Moment(*until));
                }
                if let Some(first) = model.values().min() {
                    let due = wheel.due().0;
                    assert!(due <= first.max(&latest) + (2 << TICK), "seed {seed}");
                }
            }
            let (over, _) = sweep(&mut wheel, &mut timers, u64::MAX - 1);
            assert_eq!(over.len(), model.len());
            assert_eq!(wheel.due(), Moment::NEVER);
        }
    }

    #[test]
    fn what_has_moved_is_over_all_the_same() {
        let (mut wheel, mut timers) = (Wheel::new(), timers());
        // Alone, and several, in a bucket.
        for place in 0..10 {
            let until = Moment(1 << (24 + place / 3 * 6));
            wheel.insert(&mut timers, place, until);
        }
        for (from, to) in [(9, 0), (8, 1), (7, 2), (6, 3), (5, 4)] {
            wheel.remove(&mut timers, to);
            timers[to as usize] = core::mem::replace(&mut timers[from as usize], Timer::NONE);
            wheel.moved(&mut timers, to);
        }
        let (mut over, _) = sweep(&mut wheel, &mut timers, 1 << 60);
        over.sort_unstable();
        assert_eq!(over, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn what_is_for_ever_is_not_in_it() {
        let (mut wheel, mut timers) = (Wheel::new(), timers());
        wheel.insert(&mut timers, 3, Moment(5));
        wheel.insert(&mut timers, 3, Moment::NEVER);
        assert_eq!(timers.timer(3).until(), Moment::NEVER);
        assert!(sweep(&mut wheel, &mut timers, u64::MAX).0.is_empty());
        assert_eq!(wheel.due(), Moment::NEVER);
    }

    #[test]
    fn who_looks_late_moves_nothing_that_is_over() {
        let (mut wheel, mut timers) = (Wheel::new(), timers());
        for place in 0..3 {
            let until = Moment((1 + u64::from(place)) << (TICK + 20));
            wheel.insert(&mut timers, place, until);
        }
        for _ in 0..3 {
            let turn = wheel.turn(&mut timers, Moment(1 << (TICK + 30)));
            assert!(matches!(turn, Turn::Over(_)));
        }
        assert!(matches!(wheel.turn(&mut timers, Moment::NEVER), Turn::Rest));
    }

    /// What an insertion says is due is what a search finds.
    #[test]
    fn what_is_inserted_is_due_in_its_bucket() {
        for shift in TICK..60 {
            let (mut wheel, mut timers) = (Wheel::new(), timers());
            wheel.insert(&mut timers, 0, Moment(1 << shift));
            let due = wheel.due();
            let _ = wheel.turn(&mut timers, Moment(0));
            assert_eq!(wheel.due(), due, "{shift}");
        }
    }
}
