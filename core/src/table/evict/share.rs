//! How much of the capacity the small queue has.
//!
//! A few of those that the small queue let go of are kept in mind. When many of them are
//! asked for again, a larger one would have had them: it grows. When few are, it shrinks. In a
//! loop none is, because each comes back only after all the others; where the popular stay
//! popular hardly one is; with news, where the newest is the most popular, many are.
use alloc::vec::Vec;

/// One of those that were let go of is kept in mind for so many entries.
const ENTRIES: usize = 64;
/// By so many times its weight the queue grows for one of them that is asked for again.
const STEP: usize = 8;
/// It neither grows nor shrinks when one of so many that are asked for is one of them.
const BALANCE: usize = 2;

pub(super) struct Share {
    capacity: usize,
    small: usize,
    /// Of those that were let go of, by hash; the next in the same place overwrites.
    lately: Vec<u32>,
    asked: usize,
}

impl Share {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            small: least(capacity),
            lately: Vec::new(),
            asked: 0,
        }
    }

    /// Of the weight.
    pub(super) fn small(&self) -> usize {
        self.small
    }

    /// It was not here, and enters.
    pub(super) fn asked(&mut self, print: u32, weight: usize, entries: usize) {
        if self.lately.len() < slots(entries) {
            self.lately.resize(slots(entries), 0);
        }
        let step = (4 * self.lately.len()).min(STEP);
        let place = self.place(print);
        if self.lately[place] == print {
            self.lately[place] = 0;
            self.small = self.small.saturating_add(weight.saturating_mul(step));
        }
        self.asked += 1;
        if self.asked * step * self.lately.len() >= entries * BALANCE {
            self.asked = 0;
            self.small = self.small.saturating_sub(weight);
        }
        let most = (self.capacity / 2).max(least(self.capacity));
        self.small = self.small.clamp(least(self.capacity), most);
    }

    /// The small queue let go of it.
    pub(super) fn refused(&mut self, print: u32) {
        let place = self.place(print);
        self.lately[place] = print;
    }

    pub(super) fn shrink_to(&mut self, entries: usize) {
        // Not for a few: each is looked for in another slot then.
        if slots(entries) <= self.lately.len() / 4 {
            self.lately.truncate(slots(entries));
            self.lately.shrink_to_fit();
        }
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.lately.len()
    }

    fn place(&self, print: u32) -> usize {
        ((u64::from(print) * self.lately.len() as u64) >> 32) as usize
    }
}

fn least(capacity: usize) -> usize {
    capacity.div_ceil(100)
}

/// One for few entries: with two, a small loop would find each key in a slot of its own.
fn slots(entries: usize) -> usize {
    (entries / ENTRIES).max(1)
}
