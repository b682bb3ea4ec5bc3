//! Which shelf there is, and what is on it: all this under the table's lock.
use super::tally::{Counter, Tally};
use super::{Put, Shelf, Slot, seat};
use crate::entry::Node;
use crate::sync::Arc;
use crate::table::Life;

const MODEL: bool = cfg!(any(runce_loom, runce_shuttle));
/// So many hits, then what is hit is put here. Most contexts come to their end before.
const HOT: usize = if MODEL { 1 } else { 64 };
/// Half of the places are used at most; who needs more gets so many times as many.
const SMALLEST: usize = if MODEL { 2 } else { 16 };
const GROWTH: usize = 4;
/// Of more than some thousands of entries most are asked for too seldom: to have them here would
/// cost more than it saves.
const LARGEST: usize = if MODEL { 8 } else { 16 * 1024 };
/// A shelf that is larger has to be worth it.
const LARGE: usize = LARGEST / GROWTH;
/// Where so many are here, not each that is hit is put here, so that they are those which are hit
/// most.
const MANY: usize = 512;
/// So many times as many hits as it was tried for, then it is tried again.
const PATIENCE: usize = 64;

pub(in crate::table) struct Stock {
    shelf: Option<Arc<Shelf>>,
    /// Where threads sit at it.
    seat: usize,
    places: usize,
    used: usize,
    /// Of those in use, what was forgotten.
    gone: usize,
    /// So often there was no place for something.
    refused: usize,
    /// Hits that had been counted by the table when it began or was last judged, and by all shelves.
    begun: (usize, usize),
    /// So many hits, then there is a shelf again.
    hot_at: usize,
    tally: Tally,
}

impl Stock {
    pub(in crate::table) const fn is_hot(hits: usize) -> bool {
        hits >= HOT
    }

    pub(in crate::table) fn new() -> Self {
        Self {
            shelf: None,
            seat: seat::next(),
            places: SMALLEST,
            used: 0,
            gone: 0,
            refused: 0,
            begun: (0, 0),
            hot_at: 0,
            tally: Tally::new(),
        }
    }

    /// By which it is known; 0: there is none.
    pub(in crate::table) fn at(&self) -> usize {
        (self.shelf.as_ref()).map_or(0, |shelf| seat::at(shelf, self.seat))
    }

    /// Hits that were counted here.
    pub(in crate::table) fn hits(&self) -> usize {
        self.tally.sum()
    }

    /// For a thread that asks often.
    pub(in crate::table) fn seat(&mut self) -> Option<(usize, Arc<Shelf>, Arc<Counter>)> {
        let (at, shelf) = (self.at(), self.shelf.clone()?);
        Some((at, shelf, self.tally.open()))
    }

    /// Something was hit, which is so many hits that the table has counted. `kept`: nobody can
    /// tell when it is dropped.
    pub(in crate::table) fn put(
        &mut self,
        hits: usize,
        node: &Arc<dyn Node>,
        life: Option<Life>,
        kept: bool,
    ) {
        if hits < self.hot_at || scattered(hits) % (1 + self.used / MANY) != 0 {
            return;
        }
        if self.shelf.is_none() {
            self.begin(hits);
        }
        let slot = || Slot::new(node, kept, life);
        if self.place(slot()) {
            return;
        }
        self.refused += 1;
        let full = 2 * (self.used + 1) > self.places;
        let refuses = 8 * self.refused >= self.places;
        // The largest cannot have all of them: it is judged by whether it has those that are asked for.
        if !refuses && (!full || self.places == LARGEST) {
            return;
        }
        if self.places == LARGEST && 8 * self.gone < self.used && self.answers_one_in(2, hits) {
            self.refused = 0;
            self.begun = (hits, self.hits());
            return;
        }
        self.replace(hits);
        let _ = self.shelf.is_some() && self.place(slot());
    }

    /// It is remembered no more.
    pub(in crate::table) fn forget(&mut self, node: &Arc<dyn Node>) {
        let Some(shelf) = &self.shelf else { return };
        if !shelf.forget(node) {
            return;
        }
        self.gone += 1;
        if 2 * self.gone > self.used && 8 * self.gone >= self.places {
            // What it holds is given back; who is asked for comes back.
            if self.places > SMALLEST && 16 * (self.used - self.gone) < self.places {
                self.places /= GROWTH;
            }
            self.retire();
        }
    }

    /// Whoever comes has to ask the table.
    pub(in crate::table) fn retire(&mut self) {
        if let Some(shelf) = self.shelf.take() {
            shelf.retire();
        }
        (self.used, self.gone, self.refused) = (0, 0, 0);
    }

    fn begin(&mut self, hits: usize) {
        self.shelf = Some(Arc::new(Shelf::new(self.places)));
        self.begun = (hits, self.hits());
    }

    /// `false`: there is no room.
    fn place(&mut self, slot: Slot) -> bool {
        let Some(shelf) = &self.shelf else {
            return false;
        };
        match shelf.put(slot, 2 * (self.used + 1) <= self.places) {
            Some(Put::New) => self.used += 1,
            Some(Put::Found) => {}
            None => return false,
        }
        true
    }

    /// Another takes its place, with what is remembered of it; or none, if it is not worth it.
    fn replace(&mut self, hits: usize) {
        let live = self.used - self.gone;
        let full = GROWTH * (live + 1) > self.places;
        if full && self.places == LARGEST {
            // Who is asked for comes back.
            self.places = SMALLEST;
            return self.retire();
        }
        if full && self.places >= LARGE && !self.answers_one_in(9, hits) {
            self.hot_at = hits + PATIENCE * hits.saturating_sub(self.begun.0);
            self.places = SMALLEST;
            return self.retire();
        }
        let old = self.shelf.take();
        self.retire();
        if full {
            self.places *= GROWTH;
        }
        self.begin(hits);
        if let Some(old) = old {
            old.retire();
            let live = old.slots().filter(|slot| !slot.is_gone());
            live.for_each(|slot| {
                let _ = self.place(slot.again());
            });
        }
    }

    /// Since it grew, or was seen to: did it answer at least one in so many?
    fn answers_one_in(&self, many: usize, hits: usize) -> bool {
        let asked = hits.saturating_sub(self.begun.0);
        let served = self.hits().saturating_sub(self.begun.1);
        MODEL || (many - 1) * served >= asked
    }
}

/// Who asks for the same in the same order again and again is not always let pass, or never.
const fn scattered(hits: usize) -> usize {
    hits.wrapping_mul(0x9E37_79B9) >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Entry, Kind};
    use crate::sync::share;
    use alloc::vec::Vec;
    use core::fmt;

    struct Numbers;

    impl Kind for Numbers {
        type Input = u64;
        type Output = ();

        fn label(_: &u64, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Ok(())
        }
    }

    fn nodes(count: u64) -> Vec<Arc<dyn Node>> {
        let node = |n: u64| {
            let hash = n.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32);
            share!(Entry::<Numbers>::settled(hash, n, ()) => dyn Node)
        };
        (0..count).map(node).collect()
    }

    /// A context's one thread.
    struct Asking {
        stock: Stock,
        counter: Arc<Counter>,
        /// Those that asked the table.
        hits: usize,
    }

    impl Asking {
        fn new() -> Self {
            let mut stock = Stock::new();
            let counter = stock.tally.open();
            let hits = 0;
            Self {
                stock,
                counter,
                hits,
            }
        }

        /// For all of them in the same order, so often: how many of the last round asked the table.
        fn ask(&mut self, nodes: &[Arc<dyn Node>], rounds: usize) -> usize {
            let mut before = self.hits;
            for _ in 0..rounds {
                before = self.hits;
                for node in nodes {
                    if self.stock.has(node) {
                        self.counter.add();
                    } else {
                        self.hits += 1;
                        self.stock.put(self.hits, node, None, true);
                    }
                }
            }
            self.hits - before
        }
    }

    impl Stock {
        fn has(&self, node: &Arc<dyn Node>) -> bool {
            let address = Arc::as_ptr(node).cast::<()>().addr();
            let shelf = self.shelf.as_ref();
            shelf.is_some_and(|shelf| {
                let mut slots = shelf.of(node.head().hash);
                slots.any(|slot| slot.held.address() == address)
            })
        }
    }

    #[test]
    fn who_asks_in_the_same_order_each_time_finds_all_of_it() {
        for count in [1, 16, 500, 1_000, 1_024, 2_000, 4_000] {
            assert_eq!(Asking::new().ask(&nodes(count), 60), 0, "of {count}");
        }
    }

    #[test]
    fn a_large_one_that_answers_nothing_goes_for_a_while() {
        let (mut asking, nodes) = (Asking::new(), nodes(20_000));
        assert_eq!(asking.ask(&nodes, 1), nodes.len());
        assert!(asking.stock.shelf.is_none() && asking.stock.hot_at > 2 * nodes.len());
    }

    #[test]
    fn the_largest_stays_while_it_answers_half() {
        let (mut asking, nodes) = (Asking::new(), nodes(10_000));
        // They come by and by: it grows, and answers for those that were there before.
        for some in (1_000..=nodes.len()).step_by(1_000) {
            asking.ask(&nodes[..some], 60);
        }
        assert_eq!(asking.stock.places, LARGEST);
        let at = asking.stock.at();
        let asked = asking.ask(&nodes, 60);
        assert!(asked < nodes.len() / 4, "{asked}");
        assert_eq!(asking.stock.at(), at);
    }

    #[test]
    fn the_largest_is_begun_anew_for_others() {
        let (mut asking, nodes) = (Asking::new(), nodes(12_000));
        for some in (1_000..=10_000).step_by(1_000) {
            asking.ask(&nodes[..some], 60);
        }
        assert_eq!(asking.stock.places, LARGEST);
        assert_eq!(asking.ask(&nodes[10_000..], 100), 0);
        assert!(asking.stock.places < LARGEST);
    }
}
