//! First in, first out, and out of the middle too: a list whose links are kept by place.
use crate::table::places::Places;

const NOWHERE: u32 = u32::MAX;

pub(super) struct Queue {
    which: Which,
    first: u32,
    last: u32,
    /// Of all in it: no sum of so many can overflow.
    pub(super) weight: u128,
}

/// The queue that an entry is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Which {
    None,
    Small,
    Main,
}

/// What is known of the entry in a place.
#[derive(Clone, Copy)]
pub(super) struct Record {
    prev: u32,
    next: u32,
    pub(super) weight: usize,
    /// Stands for the hash.
    pub(super) print: u32,
    /// Since it was last looked at.
    pub(super) uses: u8,
    pub(super) queue: Which,
}

impl Record {
    pub(super) const NOT_HERE: Self = Self::new(0, 0);

    pub(super) const fn new(print: u32, weight: usize) -> Self {
        Self {
            prev: NOWHERE,
            next: NOWHERE,
            weight,
            print,
            uses: 0,
            queue: Which::None,
        }
    }
}

impl Queue {
    pub(super) const fn new(which: Which) -> Self {
        Self {
            which,
            first: NOWHERE,
            last: NOWHERE,
            weight: 0,
        }
    }

    pub(super) fn first(&self) -> Option<u32> {
        (self.first != NOWHERE).then_some(self.first)
    }

    pub(super) fn push_back(&mut self, records: &mut Places<Record>, place: u32) {
        self.link(records, self.last, place, NOWHERE);
    }

    pub(super) fn push_front(&mut self, records: &mut Places<Record>, place: u32) {
        self.link(records, NOWHERE, place, self.first);
    }

    pub(super) fn unlink(&mut self, records: &mut Places<Record>, place: u32) {
        let record = &mut records[place];
        let (prev, next) = (record.prev, record.next);
        record.queue = Which::None;
        self.weight -= record.weight as u128;
        *self.next_of(records, prev) = next;
        *self.prev_of(records, next) = prev;
    }

    /// In the same place of the queue.
    pub(super) fn relocate(&mut self, records: &mut Places<Record>, from: u32, to: u32) {
        let (prev, next) = (records[from].prev, records[from].next);
        self.unlink(records, from);
        records[to] = records[from];
        self.link(records, prev, to, next);
    }

    fn link(&mut self, records: &mut Places<Record>, prev: u32, place: u32, next: u32) {
        let record = &mut records[place];
        (record.prev, record.next, record.queue) = (prev, next, self.which);
        self.weight += record.weight as u128;
        *self.next_of(records, prev) = place;
        *self.prev_of(records, next) = place;
    }

    /// Before all places is the queue's own first.
    fn next_of<'a>(&'a mut self, records: &'a mut Places<Record>, place: u32) -> &'a mut u32 {
        match records.get_mut(place) {
            Some(record) => &mut record.next,
            None => &mut self.first,
        }
    }

    fn prev_of<'a>(&'a mut self, records: &'a mut Places<Record>, place: u32) -> &'a mut u32 {
        match records.get_mut(place) {
            Some(record) => &mut record.prev,
            None => &mut self.last,
        }
    }
}

#[cfg(test)]
impl Queue {
    /// From the first to the last; the links back are those forth.
    pub(super) fn places(&self, records: &Places<Record>) -> alloc::vec::Vec<u32> {
        let (mut places, mut before, mut at) = (alloc::vec::Vec::new(), NOWHERE, self.first);
        while at != NOWHERE {
            let record = &records[at];
            assert_eq!((record.prev, record.queue), (before, self.which));
            places.push(at);
            (before, at) = (at, record.next);
        }
        assert_eq!(before, self.last);
        places
    }
}
