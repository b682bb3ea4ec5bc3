//! The invariants of one set and of two.
use super::{Drainer, Item, ReadySet, Subscribed};
use crate::executor::Host;
use crate::notify::Caller;
use crate::sync::Arc;
use alloc::vec::Vec;
use core::task::Waker;

fn set() -> Arc<ReadySet<u8>> {
    ReadySet::new(Host::bare())
}

fn link(from: &Arc<ReadySet<u8>>, into: &Arc<ReadySet<u8>>) -> usize {
    match ReadySet::link(from, into, true) {
        Subscribed::As(slot) => slot,
        Subscribed::Spawn(_) => panic!("there is no executor"),
    }
}

fn run() -> Item<u8> {
    Item::Run(Arc::new(0))
}

fn queued(set: &ReadySet<u8>) -> usize {
    set.inner.with(|inner| inner.queue.len())
}

/// Many runs of one set wait for many of another: one wake is one item there.
#[test]
fn one_link_for_all_waits_of_a_set_on_another() {
    let (from, into) = (set(), set());
    let slots: Vec<usize> = (0..1000).map(|_| link(&from, &into)).collect();
    ReadySet::push(&from, run());
    assert_eq!(queued(&into), 1);
    for slot in &slots[1..] {
        from.unsubscribe(*slot);
    }
    let Some(Item::Link(_, slot)) = into.pop(Drainer::Caller(9)) else {
        panic!("it is a link");
    };
    assert!(from.pop_link(slot).is_some());
    ReadySet::push(&from, run());
    assert_eq!(queued(&into), 1, "one wait is left");
    from.unsubscribe(slots[0]);
    let _ = into.pop(Drainer::Caller(9));
    ReadySet::push(&from, run());
    assert_eq!(queued(&into), 0, "none is left");
}

/// Invariant L: told exactly while its item is in the queue it leads to.
#[test]
fn link_is_armed_again_by_the_first_pop() {
    let (from, into) = (set(), set());
    let _ = link(&from, &into);
    ReadySet::push(&from, run());
    ReadySet::push(&from, run());
    assert_eq!(queued(&into), 1, "told once");
    let Some(Item::Link(_, slot)) = into.pop(Drainer::Caller(9)) else {
        panic!("it is a link");
    };
    assert!(from.pop_link(slot).is_some());
    ReadySet::push(&from, run());
    assert_eq!(queued(&into), 1, "told again while it is drained");
}

/// A link is gone while it is drained, and another has its slot: what is given back says nothing
/// of that.
#[test]
fn a_link_is_given_back_only_where_it_leads_to() {
    let (from, one, other) = (set(), set(), set());
    let slot = link(&from, &one);
    (0..3).for_each(|_| ReadySet::push(&from, run()));
    assert!(one.pop(Drainer::Caller(9)).is_some());
    from.unsubscribe(slot);
    assert_eq!(link(&from, &other), slot);
    assert!(other.pop(Drainer::Caller(9)).is_some());
    assert!(from.pop_link(slot).is_some());
    assert!(!from.retell(slot, &one), "it leads there no more");
    assert!(from.retell(slot, &other), "it was told for another");
}

/// Two sets that wait for each other hold each other only as long as they do.
#[test]
fn sets_linked_both_ways_are_let_go() {
    let (one, other) = (set(), set());
    let (ours, theirs) = (link(&one, &other), link(&other, &one));
    ReadySet::push(&one, run());
    one.unsubscribe(ours);
    other.unsubscribe(theirs);
    assert_eq!((Arc::strong_count(&one), Arc::strong_count(&other)), (1, 1));
}

/// Callers come and go, and nothing is pushed meanwhile.
#[test]
fn the_list_of_those_to_be_told_is_as_short_as_they_are_few() {
    let set = set();
    for _ in 0..1000 {
        let (Subscribed::As(slot) | Subscribed::Spawn(slot)) = set.subscribe(false);
        set.arm(slot, Caller::Alone(Waker::noop()));
        set.unsubscribe(slot);
    }
    let armed = set.inner.with(|inner| inner.armed.len());
    assert!(armed <= 8, "{armed}");
}
