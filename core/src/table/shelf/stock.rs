//! Which shelf there is, and what is on it: all this under the table's lock.
use super::leaving::Leaving;
use super::tally::{Counter, Tally};
use super::{FEW, Put, Shelf, seat};
use crate::entry::Node;
use crate::sync::Arc;
use crate::table::Life;

const MODEL: bool = cfg!(any(runce_loom, runce_shuttle));
/// So many hits, then what is hit is put here. Most contexts come to their end before.
const HOT: usize = if MODEL { 1 } else { 64 };
/// Half of the places are used at most; who needs more gets so many times as many, or, where there
/// are [not few](FEW), twice.
const SMALLEST: usize = if MODEL { 2 } else { 16 };
const GROWTH: usize = 4;
/// A megabyte: so much a thread that asks no more may keep from being freed, and what it holds.
const LARGEST: usize = if MODEL { 8 } else { 1 << 15 };
/// Entries were hit so often, on average, then they are all worth a place.
const WORTH: usize = 4;
/// So many times as many hits as it was tried for, then it is tried again.
const PATIENCE: usize = 64;

pub(in crate::table) struct Stock {
    shelf: Option<Arc<Shelf>>,
    /// Where threads sit at it.
    seat: usize,
    places: usize,
    largest: usize,
    used: usize,
    /// Of those in use, what was forgotten.
    gone: usize,
    /// So often there was no place for something.
    refused: usize,
    /// Hits that had been counted by the table when it began or was last judged, and by all shelves.
    begun: (usize, usize),
    /// It was seen to be of use.
    is_proved: bool,
    /// So many hits, then there is a shelf again.
    hot_at: usize,
    tally: Tally,
    leaving: Leaving,
}

/// What becomes of a shelf.
enum Verdict {
    Stays,
    /// An empty one of so many places takes its place.
    Anew(usize),
    /// There is none for so many hits.
    Goes(usize),
}

/// What the table counts.
#[derive(Clone, Copy)]
pub(in crate::table) struct Asked {
    pub(in crate::table) hits: usize,
    pub(in crate::table) entries: usize,
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
            largest: LARGEST,
            used: 0,
            gone: 0,
            refused: 0,
            begun: (0, 0),
            is_proved: false,
            hot_at: 0,
            tally: Tally::new(),
            leaving: Leaving::new(),
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

    /// Something was hit. `kept`: nobody can tell when it is dropped.
    pub(in crate::table) fn put(
        &mut self,
        asked: Asked,
        node: &Arc<dyn Node>,
        life: Option<Life>,
        kept: bool,
    ) {
        self.leaving.drop_some();
        if asked.hits < self.hot_at {
            return;
        }
        let life = life.as_ref();
        if self.shelf.is_none() {
            self.begin(asked);
        }
        if self.place(node, life, kept) {
            return;
        }
        self.refused += 1;
        let bound = match self.places {
            // At once.
            places if places < FEW && 2 * (self.used + 1) > places => 0,
            // It is judged by whether it has those that are asked for: till then all may have been.
            places if places == self.largest => asked.entries.max(places / 8),
            places => places / 8,
        };
        if self.refused < bound {
            return;
        }
        match self.verdict(asked) {
            Verdict::Stays => {
                self.refused = 0;
                self.begun = (asked.hits, self.hits());
                self.is_proved = true;
            }
            Verdict::Anew(places) => {
                self.retire();
                self.places = places;
                self.begin(asked);
                let _ = self.place(node, life, kept);
            }
            Verdict::Goes(hits) => {
                self.retire();
                self.places = SMALLEST;
                self.hot_at = asked.hits.saturating_add(hits);
            }
        }
    }

    /// Those are remembered no more.
    pub(in crate::table) fn forget(&mut self, gone: &[Arc<dyn Node>]) {
        self.leaving.drop_some();
        gone.iter().for_each(|node| self.forget_one(node));
    }

    fn forget_one(&mut self, node: &Arc<dyn Node>) {
        let Some(shelf) = &self.shelf else { return };
        if !shelf.forget(node) {
            return;
        }
        self.gone += 1;
        if 2 * self.gone > self.used && 8 * self.gone >= self.places.min(FEW) {
            // What it holds is given back; who is asked for comes back.
            if self.places > SMALLEST && 16 * (self.used - self.gone) < self.places {
                self.places /= GROWTH;
            }
            // In a large one a few would have a piece each.
            self.places = self.places.min(FEW);
            self.retire();
        }
    }

    /// Whoever comes has to ask the table.
    pub(in crate::table) fn retire(&mut self) {
        if let Some(shelf) = self.shelf.take() {
            shelf.retire();
            self.leaving.push(shelf);
        }
        (self.used, self.gone, self.refused) = (0, 0, 0);
    }

    /// There will be no other.
    pub(in crate::table) fn close(&mut self) {
        self.retire();
        self.leaving = Leaving::new();
    }

    fn begin(&mut self, asked: Asked) {
        self.shelf = Some(Arc::new(Shelf::new(self.places)));
        self.begun = (asked.hits, self.hits());
        self.is_proved = false;
    }

    /// `false`: there is no room.
    fn place(&mut self, node: &Arc<dyn Node>, life: Option<&Life>, kept: bool) -> bool {
        let Some(shelf) = &self.shelf else {
            return false;
        };
        match shelf.put(node, kept, life, 2 * (self.used + 1) <= self.places) {
            Some(Put::New) => self.used += 1,
            Some(Put::Found) => {}
            None => return false,
        }
        true
    }

    /// On a shelf that has no room.
    fn verdict(&self, asked: Asked) -> Verdict {
        let (places, live) = (self.places, self.used - self.gone);
        // Where little is gone, the same are refused again.
        let cleans = 8 * self.gone >= self.used;
        if cleans && (GROWTH * (live + 1) <= places || places >= FEW) {
            return Verdict::Anew(places);
        }
        if places < FEW {
            return Verdict::Anew((GROWTH * places).min(self.largest));
        }
        // Nearly all; of the largest it suffices if it answers some.
        let part = if places < self.largest { 7 } else { 1 };
        if self.answers(part, 8, asked) {
            return Verdict::Stays;
        }
        let tried = asked.hits.saturating_sub(self.begun.0);
        let tried = tried.saturating_mul(PATIENCE);
        if places == self.largest {
            // Others are asked for now, or too many.
            return match self.is_proved {
                true => Verdict::Anew(SMALLEST),
                false => Verdict::Goes(tried),
            };
        }
        let hits = asked.hits.saturating_add(self.hits());
        match asked.entries.saturating_mul(WORTH).saturating_sub(hits) {
            0 => Verdict::Anew(2 * places),
            _ if self.answers(1, 8, asked) => Verdict::Anew(2 * places),
            till_worth => Verdict::Goes(tried.min(till_worth)),
        }
    }

    /// Since it began, or was seen to: did it answer such a part of it?
    fn answers(&self, part: usize, of: usize, asked: Asked) -> bool {
        let missed = asked.hits.saturating_sub(self.begun.0);
        let served = self.hits().saturating_sub(self.begun.1);
        MODEL || served.saturating_mul(of - part) >= missed.saturating_mul(part)
    }
}

#[cfg(test)]
mod tests {
    use super::super::address;
    use super::super::leaving::SOME;
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

    fn hash(n: u64) -> u64 {
        n.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32)
    }

    fn nodes(count: u64) -> Vec<Arc<dyn Node>> {
        let node = |n: u64| share!(Entry::<Numbers>::settled(hash(n), n, ()) => dyn Node);
        (0..count).map(node).collect()
    }

    /// A context's one thread.
    struct Asking {
        stock: Stock,
        counter: Arc<Counter>,
        /// Those that asked the table.
        hits: usize,
        /// What is remembered besides what is asked for.
        others: usize,
    }

    impl Asking {
        fn new() -> Self {
            let mut stock = Stock::new();
            stock.largest = 16 * 1024;
            let counter = stock.tally.open();
            Self {
                stock,
                counter,
                hits: 0,
                others: 0,
            }
        }

        /// For all of them in the same order, so often: how many of the last round asked the table.
        fn ask(&mut self, nodes: &[Arc<dyn Node>], rounds: usize) -> usize {
            self.ask_in(nodes, rounds, |nth| nth % nodes.len())
        }

        /// The same, but at random.
        fn ask_at_random(&mut self, nodes: &[Arc<dyn Node>], rounds: usize) -> usize {
            let mut random = 1_u64;
            self.ask_in(nodes, rounds, |_| {
                for (left, shift) in [(true, 13), (false, 7), (true, 17)] {
                    random ^= if left {
                        random << shift
                    } else {
                        random >> shift
                    };
                }
                (random % nodes.len() as u64) as usize
            })
        }

        fn ask_in(
            &mut self,
            nodes: &[Arc<dyn Node>],
            rounds: usize,
            mut order: impl FnMut(usize) -> usize,
        ) -> usize {
            let mut before = self.hits;
            for nth in 0..rounds * nodes.len() {
                if nth % nodes.len() == 0 {
                    before = self.hits;
                }
                let node = &nodes[order(nth)];
                if self.stock.has(node) {
                    self.counter.add();
                } else {
                    self.hits += 1;
                    let (hits, entries) = (self.hits, nodes.len() + self.others);
                    self.stock.put(Asked { hits, entries }, node, None, true);
                }
            }
            self.hits - before
        }
    }

    impl Stock {
        fn has(&self, node: &Arc<dyn Node>) -> bool {
            let address = address(node);
            let shelf = self.shelf.as_ref();
            shelf.is_some_and(|shelf| {
                let mut slots = shelf.of(node.head().hash);
                slots.any(|slot| slot.address() == address)
            })
        }
    }

    #[test]
    fn who_asks_in_the_same_order_each_time_finds_all_of_it() {
        for count in [1, 16, 500, 1_000, 1_024, 2_000, 4_000, 8_000] {
            assert_eq!(Asking::new().ask(&nodes(count), 60), 0, "of {count}");
        }
    }

    /// Some are refused since too many belong where they do.
    #[test]
    fn one_is_not_begun_anew_for_a_few_that_it_refuses() {
        let mut asking = Asking::new();
        let mut nodes = nodes(1_000);
        let same = |n: u64| share!(Entry::<Numbers>::settled(7, n, ()) => dyn Node);
        nodes.extend((1_000..1_024).map(same));
        assert!(asking.ask(&nodes, 120) >= 24 - super::super::REACH);
        assert!(asking.stock.is_proved && asking.stock.places == FEW);
    }

    #[test]
    fn one_that_answers_some_grows_though_most_are_never_asked_for() {
        let (mut asking, nodes) = (Asking::new(), nodes(6_000));
        asking.others = 10_000_000;
        assert_eq!(asking.ask_at_random(&nodes, 20), 0);
    }

    /// However much room there is.
    #[test]
    fn what_is_forgotten_is_given_back_while_it_is_not_much() {
        let (mut asking, nodes) = (Asking::new(), nodes(8_000));
        asking.ask(&nodes, 60);
        asking.stock.retire();
        asking.ask(&nodes[..1_000], 2);
        assert_eq!(
            (asking.stock.used, asking.stock.places),
            (1_000, 16 * 1_024)
        );
        asking.stock.forget(&nodes[..600]);
        assert_eq!(asking.stock.at(), 0);
    }

    /// The context is gone, and this thread the last that sits there.
    #[test]
    fn law_bounded_cleanup_of_what_a_thread_is_the_last_to_leave() {
        let (mut asking, nodes) = (Asking::new(), nodes(8_000));
        asking.ask(&nodes, 60);
        seat::Seat::take(asking.stock.seat().expect("there is a shelf"));
        asking.stock.close();
        drop(asking);
        let held = || nodes.iter().filter(|node| Arc::strong_count(node) > 1);
        assert_eq!(held().count(), nodes.len());
        seat::leave();
        assert_eq!(held().count(), nodes.len());
        while held().next().is_some() {
            let before = held().count();
            seat::look_round();
            assert!(before - held().count() <= SOME);
        }
    }

    #[test]
    fn nothing_is_held_of_what_is_closed() {
        let (mut asking, nodes) = (Asking::new(), nodes(8_000));
        asking.ask(&nodes, 60);
        asking.stock.retire();
        asking.stock.forget(&[]);
        asking.stock.close();
        assert!(nodes.iter().all(|node| Arc::strong_count(node) == 1));
    }

    #[test]
    fn a_large_one_that_answers_nothing_goes_for_a_while() {
        let (mut asking, nodes) = (Asking::new(), nodes(20_000));
        assert_eq!(asking.ask(&nodes, 1), nodes.len());
        assert!(asking.stock.shelf.is_none() && asking.stock.hot_at > 2 * nodes.len());
    }

    #[test]
    fn the_largest_goes_for_a_while_if_too_many_are_asked_for() {
        let (mut asking, nodes) = (Asking::new(), nodes(100_000));
        assert!(asking.ask_at_random(&nodes, 6) > nodes.len() * 9 / 10);
        assert!(asking.stock.hot_at > 10 * nodes.len());
    }

    #[test]
    fn the_largest_stays_while_it_answers_some() {
        let (mut asking, nodes) = (Asking::new(), nodes(20_000));
        asking.ask_at_random(&nodes, 10);
        assert_eq!(asking.stock.places, asking.stock.largest);
        let at = asking.stock.at();
        let asked = asking.ask_at_random(&nodes, 20);
        assert!(asked < nodes.len() * 2 / 3, "{asked}");
        assert_eq!(asking.stock.at(), at);
    }

    #[test]
    fn the_largest_is_begun_anew_for_others() {
        let (mut asking, nodes) = (Asking::new(), nodes(22_000));
        asking.ask_at_random(&nodes[..20_000], 20);
        assert_eq!(asking.stock.places, asking.stock.largest);
        assert_eq!(asking.ask(&nodes[20_000..], 20), 0);
        assert!(asking.stock.places < asking.stock.largest);
    }

    /// Where somebody sits nothing is dropped.
    #[test]
    fn a_large_one_is_dropped_by_and_by() {
        let (mut asking, nodes) = (Asking::new(), nodes(8_000));
        asking.ask(&nodes, 60);
        let stock = &mut asking.stock;
        let held = || nodes.iter().filter(|node| Arc::strong_count(node) > 1);
        assert_eq!(held().count(), nodes.len());
        let seat = stock.seat().map(|(_, shelf, _)| shelf);
        stock.retire();
        for _ in 0..1_000 {
            stock.forget(&[]);
        }
        assert_eq!(held().count(), nodes.len());
        drop(seat);
        assert_eq!(held().count(), nodes.len());
        let mut calls = 0;
        while held().next().is_some() {
            let before = held().count();
            stock.forget(&[]);
            assert!(before - held().count() <= SOME);
            calls += 1;
        }
        assert!(calls <= 2 * asking.stock.places / SOME, "{calls}");
        asking.stock.forget(&[]);
        assert!(asking.stock.leaving.is_empty());
    }
}
