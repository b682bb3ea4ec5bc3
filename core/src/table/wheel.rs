//! When what is remembered is to be forgotten: a hierarchical timing wheel (Varghese and
//! Lauck, "Hashed and hierarchical timing wheels", SOSP 1987).
//!
//! Each level has 64 buckets, each as long as all of the level below. Time goes on bucket by
//! bucket: one of the lowest level holds what is over, one of a higher level is spread over
//! those below. Either is done entry by entry, as many at a time as the caller likes, so no
//! call pays for more than it wants to.
use crate::freshness::Moment;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A tick is so many bits of a nanosecond's count: about a millisecond.
const TICK: u32 = 20;
const BITS: u32 = 6;
const BUCKETS: usize = 1 << BITS;
/// Enough for all ticks that there can be.
const LEVELS: usize = (u64::BITS - TICK).div_ceil(BITS) as usize;
const NOWHERE: u32 = u32::MAX;

pub(super) struct Wheel {
    /// By place.
    records: Vec<Record>,
    /// Of each level's buckets, once there was something in one.
    heads: [Option<Box<[u32; BUCKETS]>>; LEVELS],
    /// Which buckets of each level are not empty.
    occupied: [u64; LEVELS],
    /// All buckets before this tick are empty.
    elapsed: u64,
    /// The same, as far as is known without a search: not before `elapsed`.
    due: u64,
}

#[derive(Clone, Copy)]
struct Record {
    until: Moment,
    prev: u32,
    next: u32,
    /// `level * 64 + bucket`.
    bucket: u16,
}

const NOT_HERE: Record = Record {
    until: Moment::NEVER,
    prev: NOWHERE,
    next: NOWHERE,
    bucket: u16::MAX,
};

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

impl Wheel {
    pub(super) fn new() -> Self {
        Self {
            records: Vec::new(),
            heads: [const { None }; LEVELS],
            occupied: [0; LEVELS],
            elapsed: 0,
            due: u64::MAX,
        }
    }

    /// How long that entry is fresh.
    pub(super) fn until(&self, place: u32) -> Moment {
        let record = self.records.get(place as usize);
        record.map_or(Moment::NEVER, |record| record.until)
    }

    /// Before that moment no turn does anything.
    pub(super) fn due(&self) -> Moment {
        Moment(self.due.saturating_mul(1 << TICK))
    }

    /// From now on that entry is over at that moment.
    pub(super) fn insert(&mut self, place: u32, until: Moment) {
        self.remove(place);
        if until == Moment::NEVER {
            return;
        }
        if self.records.len() <= place as usize {
            self.records.resize(place as usize + 1, NOT_HERE);
        }
        self.records[place as usize].until = until;
        self.link(place);
    }

    pub(super) fn remove(&mut self, place: u32) {
        if self.until(place) != Moment::NEVER {
            self.unlink(place);
            self.records[place as usize] = NOT_HERE;
        }
    }

    /// Turns the wheel by one entry.
    pub(super) fn turn(&mut self, now: Moment) -> Turn {
        let next = self.next();
        self.due = next.as_ref().map_or(u64::MAX, |bucket| bucket.start);
        let Some(bucket) = next.filter(|bucket| bucket.start <= now.0 >> TICK) else {
            return Turn::Rest;
        };
        self.elapsed = self.elapsed.max(bucket.start);
        let place = *self.head(bucket.level, bucket.index);
        if bucket.level == 0 {
            self.remove(place);
            return Turn::Over(place);
        }
        self.unlink(place);
        self.link(place);
        Turn::Moved
    }

    /// An entry has moved to a place that was free.
    pub(super) fn relocate(&mut self, from: u32, to: u32) {
        let until = self.until(from);
        self.remove(from);
        self.insert(to, until);
    }

    /// Places from that one on are in use no more.
    pub(super) fn shrink_to(&mut self, places: usize) {
        self.records.truncate(places);
        self.records.shrink_to_fit();
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

    fn link(&mut self, place: u32) {
        let record = self.records[place as usize];
        // The tick in which it is over for certain.
        let tick = ((record.until.0 >> TICK) + 1).max(self.elapsed);
        let level = (tick ^ self.elapsed).checked_ilog2().unwrap_or(0) / BITS;
        let start = tick >> (BITS * level);
        self.due = self.due.min(start << (BITS * level));
        let (level, index) = (level as usize, start as usize % BUCKETS);
        let head = core::mem::replace(self.head(level, index), place);
        self.occupied[level] |= 1 << index;
        if head != NOWHERE {
            self.records[head as usize].prev = place;
        }
        let record = &mut self.records[place as usize];
        (record.prev, record.next) = (NOWHERE, head);
        record.bucket = (level * BUCKETS + index) as u16;
    }

    fn unlink(&mut self, place: u32) {
        let Record {
            prev, next, bucket, ..
        } = self.records[place as usize];
        if next != NOWHERE {
            self.records[next as usize].prev = prev;
        }
        if prev != NOWHERE {
            self.records[prev as usize].next = next;
            return;
        }
        let (level, index) = (bucket as usize / BUCKETS, bucket as usize % BUCKETS);
        *self.head(level, index) = next;
        if next == NOWHERE {
            self.occupied[level] &= !(1 << index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;

    /// All that is over by then, and how many turns it took.
    fn sweep(wheel: &mut Wheel, now: u64) -> (Vec<u32>, usize) {
        let (mut over, mut turns) = (Vec::new(), 0);
        loop {
            turns += 1;
            match wheel.turn(Moment(now)) {
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
            let (mut wheel, mut model) = (Wheel::new(), BTreeMap::new());
            let (mut now, mut latest) = (draw(1 << 40), 0);
            for _ in 0..300 {
                let place = draw(40) as u32;
                match draw(6) {
                    0..3 => {
                        let range = 1 << (18 + draw(30));
                        let until = now.saturating_add(draw(range) + 1);
                        wheel.insert(place, Moment(until));
                        let _ = model.insert(place, until);
                    }
                    3 => {
                        wheel.remove(place);
                        let _ = model.remove(&place);
                    }
                    4 => now = now.saturating_sub(draw(1 << 24)),
                    _ => {
                        let leap = 1 << (20 + draw(20));
                        now += draw(leap);
                    }
                }
                let (over, turns) = sweep(&mut wheel, now);
                assert!(turns <= 1 + 40 * LEVELS, "seed {seed}");
                for place in over {
                    assert!(model.remove(&place).is_some_and(|until| until <= now));
                }
                latest = now.max(latest);
                // A clock that went back does not turn the wheel back.
                let late = |until: &u64| (until.max(&latest) >> TICK) + 2 <= now >> TICK;
                assert!(!model.values().any(late), "seed {seed}");
                for (place, until) in &model {
                    assert_eq!(wheel.until(*place), Moment(*until));
                }
                if let Some(first) = model.values().min() {
                    let due = wheel.due().0;
                    assert!(due <= first.max(&latest) + (2 << TICK), "seed {seed}");
                }
            }
            let (over, _) = sweep(&mut wheel, u64::MAX - 1);
            assert_eq!(over.len(), model.len());
            assert_eq!(wheel.due(), Moment::NEVER);
        }
    }

    #[test]
    fn what_has_moved_is_over_all_the_same() {
        let mut wheel = Wheel::new();
        (0..10).for_each(|place| wheel.insert(place, Moment(1 << (24 + place))));
        (0..5).for_each(|place| wheel.remove(place));
        (5..10).for_each(|place| wheel.relocate(place, place - 5));
        wheel.shrink_to(5);
        let (mut over, _) = sweep(&mut wheel, 1 << 40);
        over.sort_unstable();
        assert_eq!(over, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn what_is_for_ever_is_not_in_it() {
        let mut wheel = Wheel::new();
        wheel.insert(3, Moment(5));
        wheel.insert(3, Moment::NEVER);
        assert_eq!(wheel.until(3), Moment::NEVER);
        assert!(sweep(&mut wheel, u64::MAX).0.is_empty());
        assert_eq!(wheel.due(), Moment::NEVER);
    }

    /// What an insertion says is due is what a search finds.
    #[test]
    fn what_is_inserted_is_due_in_its_bucket() {
        for shift in TICK..60 {
            let mut wheel = Wheel::new();
            wheel.insert(0, Moment(1 << shift));
            let due = wheel.due();
            let _ = wheel.turn(Moment(0));
            assert_eq!(wheel.due(), due, "{shift}");
        }
    }
}
