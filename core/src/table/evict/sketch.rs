//! How often something was asked for, more or less, lately: a count-min sketch (Cormode and
//! Muthukrishnan, 2005), whose counts are halved as time goes on.
use alloc::vec::Vec;

/// Fractions of the square roots of 2, 3, 5 and 7, made odd.
const ROWS: [u64; 4] = [
    0x6A09_E667_F3BC_C909,
    0xBB67_AE85_84CA_A73B,
    0x3C6E_F372_FE94_F82B,
    0xA54F_F53A_5F1D_36F1,
];
const MOST: u64 = 15;
/// All counts of a word.
const HALVES: u64 = 0x7777_7777_7777_7777;

pub(super) struct Frequency {
    /// Sixteen counts of four bits each; a power of two of them, one or more for an entry.
    words: Vec<u64>,
    /// The next word that is halved.
    hand: usize,
    /// What is left of the last halving.
    rest: usize,
}

impl Frequency {
    pub(super) fn new() -> Self {
        Self {
            words: alloc::vec![0],
            hand: 0,
            rest: 0,
        }
    }

    /// Never too low, but for those of long ago.
    pub(super) fn of(&self, print: u32) -> u8 {
        let counts = ROWS.map(|row| {
            let (word, shift) = self.count(print, row);
            (self.words[word] >> shift) & MOST
        });
        counts.into_iter().min().unwrap_or(0) as u8
    }

    /// With so many entries as there are.
    pub(super) fn add(&mut self, print: u32, times: u8, entries: usize) {
        self.grow_to(entries);
        let most = (u64::from(self.of(print)) + u64::from(times)).min(MOST);
        for row in ROWS {
            let (word, shift) = self.count(print, row);
            let word = &mut self.words[word];
            let count = (*word >> shift & MOST).max(most);
            *word = *word & !(MOST << shift) | count << shift;
        }
        (0..times).for_each(|_| self.age(entries));
    }

    /// Halves so many words that each is halved once in 2.5 counts an entry; one at most.
    pub(super) fn age(&mut self, entries: usize) {
        self.rest += 2 * self.words.len();
        if self.rest < 5 * entries {
            return;
        }
        self.rest = 0;
        self.words[self.hand] = self.words[self.hand] >> 1 & HALVES;
        self.hand = (self.hand + 1) & (self.words.len() - 1);
    }

    fn grow_to(&mut self, entries: usize) {
        while self.words.len() < entries {
            // Each word stands for two from now on.
            self.words.extend_from_within(..);
        }
    }

    pub(super) fn shrink_to(&mut self, entries: usize) {
        while self.words.len() / 2 >= entries.max(1) {
            let upper = self.words.split_off(self.words.len() / 2);
            let pairs = self.words.iter_mut().zip(upper);
            pairs.for_each(|(lower, upper)| *lower = merge(*lower, upper));
            self.hand &= self.words.len() - 1;
        }
        self.words.shrink_to_fit();
    }

    #[cfg(test)]
    pub(super) fn words(&self) -> usize {
        self.words.len()
    }

    /// The word and the shift of a count.
    fn count(&self, print: u32, row: u64) -> (usize, u32) {
        let hash = u64::from(print).wrapping_add(1).wrapping_mul(row);
        let word = (hash >> 28) as usize & (self.words.len() - 1);
        (word, (hash >> 60) as u32 * 4)
    }
}

/// The higher of each two counts.
fn merge(one: u64, other: u64) -> u64 {
    let counts = (0..16).map(|count| MOST << (4 * count));
    counts.map(|mask| (one & mask).max(other & mask)).sum()
}
