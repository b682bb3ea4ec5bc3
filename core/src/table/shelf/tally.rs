//! Counts what many threads do, each in a place of its own: a count that is shared would cost
//! more than what it counts.
use crate::sync::{AtomicUsize, Ordering};

const PLACES: usize = if cfg!(any(runce_loom, runce_shuttle)) {
    1
} else {
    16
};

pub(super) struct Tally {
    places: [Place; PLACES],
    /// Of those who found no place.
    rest: AtomicUsize,
}

/// A cache line, or two where they are fetched in pairs.
#[repr(align(128))]
struct Place {
    /// Whose it is: 0, nobody's.
    owner: AtomicUsize,
    /// Written by its owner alone.
    count: AtomicUsize,
}

impl Tally {
    pub(super) fn new() -> Self {
        let place = |_| Place {
            owner: AtomicUsize::new(0),
            count: AtomicUsize::new(0),
        };
        Self {
            places: core::array::from_fn(place),
            rest: AtomicUsize::new(0),
        }
    }

    // ORDERING: counts order nothing. A thread that has the address of one that ended goes on in
    // its place.
    #[inline]
    pub(super) fn add(&self) {
        let Some(thread) = thread() else {
            self.rest.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let first = (thread >> 12).wrapping_mul(0x9E37_79B1) >> 8;
        for step in 0..PLACES {
            let place = &self.places[first.wrapping_add(step) % PLACES];
            let owner = place.owner.load(Ordering::Relaxed);
            if owner == thread || (owner == 0 && place.claim(thread)) {
                let count = place.count.load(Ordering::Relaxed);
                place.count.store(count.wrapping_add(1), Ordering::Relaxed);
                return;
            }
        }
        self.rest.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn sum(&self) -> usize {
        let counts = self.places.iter().map(|place| &place.count);
        let all = counts.chain([&self.rest]);
        // ORDERING: see `add`.
        all.fold(0, |sum, count| {
            sum.wrapping_add(count.load(Ordering::Relaxed))
        })
    }
}

impl Place {
    #[cold]
    fn claim(&self, thread: usize) -> bool {
        // ORDERING: see `Tally::add`.
        let claimed =
            (self.owner).compare_exchange(0, thread, Ordering::Relaxed, Ordering::Relaxed);
        claimed.is_ok()
    }
}

/// What no other thread that lives has: an address.
#[cfg(not(any(runce_loom, runce_shuttle)))]
#[inline]
fn thread() -> Option<usize> {
    std::thread_local! {
        static MARK: u8 = const { 0 };
    }
    // A thread that is ending may have none.
    MARK.try_with(|mark| core::ptr::from_ref(mark).addr()).ok()
}

/// Models have no addresses that stay the same.
#[cfg(any(runce_loom, runce_shuttle))]
fn thread() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_counted_once_whoever_counts() {
        let tally = Tally::new();
        std::thread::scope(|scope| {
            for _ in 0..2 * PLACES {
                scope.spawn(|| (0..1_000).for_each(|_| tally.add()));
            }
        });
        assert_eq!(tally.sum(), 2 * PLACES * 1_000);
    }
}
