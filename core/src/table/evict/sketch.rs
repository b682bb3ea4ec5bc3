//! How often something was asked for, more or less, lately: a count-min sketch (Cormode and
//! Muthukrishnan, 2005), whose counts are halved as time goes on.
//!
//! It grows and shrinks word by word, as in linear hashing (Litwin, VLDB 1980): where there are not
//! yet twice as many words, some stand for two.
use crate::table::places::Places;

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
/// So many words are added or given back at a time.
const WORDS: usize = 8;

pub(super) struct Frequency {
    /// Sixteen counts of four bits each; a power of two of them in the end, one or more for an
    /// entry.
    words: Places<u64>,
    /// The next word that is halved.
    hand: u32,
    /// What is left of the last halving.
    rest: usize,
}

impl Frequency {
    pub(super) fn new() -> Self {
        let mut words = Places::new();
        words.push(0);
        Self {
            words,
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
        self.hand += 1;
        self.keep_hand();
    }

    fn keep_hand(&mut self) {
        if self.hand as usize >= self.words.len() {
            self.hand = 0;
        }
    }

    fn grow_to(&mut self, entries: usize) {
        let enough = entries.next_power_of_two();
        for _ in 0..WORDS {
            if self.words.len() >= enough {
                return;
            }
            // The word that has stood for this one as well.
            let word = self.words[lower(self.words.len() as u32)];
            self.words.push(word);
        }
    }

    pub(super) fn shrink_to(&mut self, entries: usize) {
        for _ in 0..WORDS {
            if self.words.len() <= 4 * entries.max(1) {
                return;
            }
            let upper = self.words.pop().unwrap_or(0);
            let lower = lower(self.words.len() as u32);
            self.words[lower] = merge(self.words[lower], upper);
            self.keep_hand();
        }
    }

    #[cfg(test)]
    pub(super) fn words(&self) -> usize {
        self.words.len()
    }

    /// The word and the shift of a count.
    fn count(&self, print: u32, row: u64) -> (u32, u32) {
        let hash = u64::from(print).wrapping_add(1).wrapping_mul(row);
        let (words, all) = (self.words.len(), self.words.len().next_power_of_two());
        let word = ((hash >> 28) as usize & (all - 1)) as u32;
        let word = if (word as usize) < words {
            word
        } else {
            lower(word)
        };
        (word, (hash >> 60) as u32 * 4)
    }
}

/// The word that stands for that one while that is not there: without its highest bit.
fn lower(word: u32) -> u32 {
    word & !(1 << word.checked_ilog2().unwrap_or(0))
}

/// The higher of each two counts.
fn merge(one: u64, other: u64) -> u64 {
    let counts = (0..16).map(|count| MOST << (4 * count));
    counts.map(|mask| (one & mask).max(other & mask)).sum()
}
