//! Which entry goes when there is no room for all.
//!
//! The frame is S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi: "FIFO queues are all you need for
//! cache eviction", SOSP 2023): who is new enters a small queue, and who leaves that either
//! goes, or moves on to the main queue. A hit only counts; nothing is moved.
//!
//! Three things are not as published, each for what `benches/` measured:
//!
//! - **Who moves on** is not whoever was used, or left lately, but who was asked for more often
//!   than who would have to go. A [sketch](Frequency) keeps the counts, of those that have left
//!   as well (TinyLFU: Einziger, Friedman, Manes, ACM TOS 2017), in place of a ghost queue. As
//!   published, a loop over twice the capacity never hits; so, half of it does.
//! - **By two and more**: those in the main queue stay when it is close. Otherwise the members
//!   of a loop replace each other, each just before it is used.
//! - **The small queue's share** is not 10%, but [moves](Share) between 1% and 50%: a loop and
//!   what is used for long want it small, news want it large.
mod queue;
mod share;
mod sketch;
#[cfg(test)]
mod tests;

use super::places::Places;
use queue::{Queue, Record, Which};
use share::Share;
use sketch::Frequency;

/// So many entries are looked at for one that goes.
const STEPS: usize = 64;
/// More uses than that are not counted between two looks at an entry.
const MOST_USES: u8 = 3;

/// Entries are known by their place in a slab that is somebody else's.
pub(super) struct Eviction {
    capacity: usize,
    /// By place.
    records: Places<Record>,
    small: Queue,
    main: Queue,
    frequency: Frequency,
    share: Share,
    entries: usize,
}

impl Eviction {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            records: Places::new(),
            small: Queue::new(Which::Small),
            main: Queue::new(Which::Main),
            frequency: Frequency::new(),
            share: Share::new(capacity),
            entries: 0,
        }
    }

    /// From now on that entry is remembered; one that was there before has left.
    pub(super) fn enter(&mut self, place: u32, hash: u64, weight: usize) {
        self.leave(place);
        while self.records.len() <= place as usize {
            self.records.push(Record::NOT_HERE);
        }
        let print = (hash ^ (hash >> 32)) as u32;
        self.records[place] = Record::new(print, weight);
        self.entries += 1;
        self.share.asked(print, weight, self.entries);
        self.frequency.add(print, 1, self.entries);
        if weight > self.capacity {
            self.small.push_front(&mut self.records, place);
        } else {
            self.small.push_back(&mut self.records, place);
        }
    }

    /// Is there room for that, if all else goes?
    pub(super) fn could_hold(&self, weight: usize) -> bool {
        weight <= self.capacity
    }

    /// It was used.
    #[inline]
    pub(super) fn touch(&mut self, place: u32) {
        if let Some(record) = self.records.get_mut(place) {
            record.uses = (record.uses + 1).min(MOST_USES);
        }
    }

    /// It is remembered no more. How often it was used is.
    pub(super) fn leave(&mut self, place: u32) {
        let Some(record) = self.records.get(place).copied() else {
            return;
        };
        match record.queue {
            Which::None => return,
            Which::Small => self.small.unlink(&mut self.records, place),
            Which::Main => self.main.unlink(&mut self.records, place),
        }
        self.frequency.add(record.print, record.uses, self.entries);
        self.entries -= 1;
    }

    /// While there is no room for all: the one that goes, and has left. One call looks at no
    /// more than `STEPS` entries.
    pub(super) fn victim(&mut self) -> Option<u32> {
        if self.total() <= self.capacity as u128 {
            return None;
        }
        let place = self.too_heavy().or_else(|| self.loser())?;
        let record = self.records[place];
        if let Which::Small = record.queue {
            self.share.refused(record.print);
        }
        self.leave(place);
        Some(place)
    }

    /// An entry has moved to a place that was free.
    pub(super) fn relocate(&mut self, from: u32, to: u32) {
        match self.records.get(from).map(|record| record.queue) {
            None | Some(Which::None) => {}
            Some(Which::Small) => self.small.relocate(&mut self.records, from, to),
            Some(Which::Main) => self.main.relocate(&mut self.records, from, to),
        }
    }

    /// Places from that one on are in use no more. Others come back bit by bit.
    pub(super) fn shrink_to(&mut self, places: usize) {
        while self.records.len() > places {
            let _ = self.records.pop();
        }
        self.frequency.shrink_to(places);
        self.share.shrink_to(places);
    }

    /// Of all that are here.
    #[cfg(test)]
    pub(super) fn weight(&self) -> usize {
        usize::try_from(self.total()).unwrap_or(usize::MAX)
    }

    fn total(&self) -> u128 {
        self.small.weight + self.main.weight
    }

    /// Goes at once, or all others would have to.
    fn too_heavy(&self) -> Option<u32> {
        let first = self.small.first()?;
        (self.records[first].weight > self.capacity).then_some(first)
    }

    /// Of the first in either queue, who is asked for less.
    fn loser(&mut self) -> Option<u32> {
        for _ in 0..STEPS {
            let (new, old) = (self.newcomer(), self.main.first());
            match (new, old) {
                (Some(new), _) if self.main_has_room() => self.promote(new),
                (_, Some(old)) if self.records[old].uses > 0 => self.spare(old),
                _ => break,
            }
        }
        let Some(old) = self.main.first() else {
            return self.small.first();
        };
        match self.newcomer() {
            Some(new) if !self.beats(new, old) => Some(new),
            Some(new) => {
                self.promote(new);
                Some(old)
            }
            None => Some(old),
        }
    }

    /// Who has been in the small queue for long enough.
    fn newcomer(&self) -> Option<u32> {
        let over = self.small.weight > self.share.small() as u128;
        self.small.first().filter(|_| over)
    }

    fn main_has_room(&self) -> bool {
        self.main.weight < (self.capacity - self.share.small()) as u128
    }

    fn promote(&mut self, place: u32) {
        self.small.unlink(&mut self.records, place);
        self.main.push_back(&mut self.records, place);
    }

    /// It was used since the last look at it: that look is put off, for one use.
    fn spare(&mut self, place: u32) {
        self.main.unlink(&mut self.records, place);
        let record = &mut self.records[place];
        record.uses -= 1;
        self.frequency.add(record.print, 1, self.entries);
        self.main.push_back(&mut self.records, place);
    }

    /// Whether the new one is worth more for the room it takes, by more than one use.
    fn beats(&self, new: u32, old: u32) -> bool {
        let weight = |place: u32| self.records[place].weight.max(1);
        let (gain, loss) = (self.frequency_of(new), self.frequency_of(old) + 1);
        gain.saturating_mul(weight(old)) > loss.saturating_mul(weight(new))
    }

    fn frequency_of(&self, place: u32) -> usize {
        let record = &self.records[place];
        usize::from(self.frequency.of(record.print)) + usize::from(record.uses)
    }
}
