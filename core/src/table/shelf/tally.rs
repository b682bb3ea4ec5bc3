//! Counts what many threads do, each in a place of its own: a count that is shared would cost
//! more than what it counts.
use crate::sync::{Arc, AtomicUsize, Ordering};
use alloc::vec::Vec;

/// All that was counted. Under the table's lock.
pub(super) struct Tally {
    open: Vec<Arc<Counter>>,
    /// By those who count no more.
    closed: usize,
}

/// A thread's: a cache line, or two where they are fetched in pairs.
#[repr(align(128))]
pub(in crate::table) struct Counter(AtomicUsize);

impl Counter {
    /// By its thread alone.
    // ORDERING: counts order nothing.
    #[inline]
    pub(super) fn add(&self) {
        let count = self.0.load(Ordering::Relaxed);
        self.0.store(count.wrapping_add(1), Ordering::Relaxed);
    }

    fn get(&self) -> usize {
        // ORDERING: see `add`.
        self.0.load(Ordering::Relaxed)
    }
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            open: Vec::new(),
            closed: 0,
        }
    }

    /// For a thread, until it lets go of it.
    pub(super) fn open(&mut self) -> Arc<Counter> {
        let (open, over): (Vec<_>, Vec<_>) = core::mem::take(&mut self.open)
            .into_iter()
            .partition(|counter| Arc::strong_count(counter) > 1);
        self.open = open;
        // Nobody else has them, or will.
        let counts = over.into_iter().filter_map(Arc::into_inner);
        self.closed = counts.fold(self.closed, |sum, counter| sum.wrapping_add(counter.get()));
        let counter = Arc::new(Counter(AtomicUsize::new(0)));
        self.open.push(counter.clone());
        counter
    }

    pub(super) fn sum(&self) -> usize {
        let counts = self.open.iter().map(|counter| counter.get());
        counts.fold(self.closed, usize::wrapping_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_counted_once_whoever_counts() {
        let mut tally = Tally::new();
        for round in 1..=3 {
            let counters: Vec<_> = (0..20).map(|_| tally.open()).collect();
            std::thread::scope(|scope| {
                for counter in &counters {
                    scope.spawn(|| (0..1_000).for_each(|_| counter.add()));
                }
            });
            assert_eq!(tally.sum(), round * 20_000);
        }
        let _last = tally.open();
        assert_eq!(tally.open.len(), 1, "who counts no more is forgotten");
        assert_eq!(tally.sum(), 60_000);
    }
}
