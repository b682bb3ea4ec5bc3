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
