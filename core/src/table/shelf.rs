//! What is asked for again and again: found without a lock, and without a write to what other
//! threads read.
//!
//! It only grows, and while it is in use nothing that is in it may be forgotten: the first call
//! that forgets something in a context that removes nothing by itself closes it for good. It is
//! open addressing over once-cells; a larger level has all of what the smaller ones have, which
//! stay, since somebody may be reading there.
mod tally;

use crate::entry::Node;
use crate::guard::{catch_panic, drop_quietly, resume};
use crate::sync::{Arc, AtomicUsize, OnceCell, Ordering, Weak};
use alloc::boxed::Box;
use tally::Tally;

/// So many hits, then what is hit is put here. Most contexts come to their end before.
const HOT: usize = if cfg!(any(runce_loom, runce_shuttle)) {
    1
} else {
    64
};
/// A level has four times the slots of the one before; half of them are used at most. Of more than
/// some thousands of entries most are asked for too seldom: putting them here would cost more than
/// it saves.
const LEVELS: usize = 6;
const SMALLEST: usize = if cfg!(runce_loom) { 2 } else { 16 };

pub(super) fn is_hot(hits: usize) -> bool {
    hits >= HOT
}

pub(super) struct Shelf {
    levels: [OnceCell<Box<[OnceCell<Slot>]>>; LEVELS],
    level: AtomicUsize,
    /// Written under the table's lock.
    len: AtomicUsize,
    closed: AtomicUsize,
    tally: Tally,
}

#[derive(Clone)]
struct Slot {
    hash: u64,
    outcome: Shelved,
}

/// Larger entries stay in the table: what was forgotten may be held here until the context goes.
pub(super) const SMALL: usize = 256;

/// How an outcome is held.
#[derive(Clone)]
pub(super) enum Shelved {
    /// Nobody can tell when it is dropped: it has no destructor.
    Kept(Arc<dyn Node>),
    /// It is dropped when it is forgotten; where it was stays allocated.
    Seen(Weak<dyn Node>),
}

impl Shelf {
    pub(super) fn new() -> Self {
        Self {
            levels: core::array::from_fn(|_| OnceCell::new()),
            level: AtomicUsize::new(0),
            len: AtomicUsize::new(0),
            closed: AtomicUsize::new(0),
            tally: Tally::new(),
        }
    }

    /// What is served of it, if it is here. Foreign, with no lock held.
    #[inline]
    pub(super) fn find<R>(
        &self,
        hash: u64,
        mut serve: impl FnMut(&Arc<dyn Node>) -> Option<R>,
    ) -> Option<R> {
        // ORDERING: pairs with the store in `close`.
        if self.closed.load(Ordering::Acquire) != 0 {
            return None;
        }
        // ORDERING: pairs with the store in `grow`.
        let slots = self.levels[self.level.load(Ordering::Acquire)].get()?;
        let mut at = start(hash);
        // It comes to an end: half of the slots are empty.
        loop {
            let slot = slots.get(at & (slots.len() - 1))?.get()?;
            if slot.hash == hash {
                let served = slot.outcome.serve(&mut serve);
                if served.is_some() {
                    return served;
                }
            }
            at = at.wrapping_add(1);
        }
    }

    /// Something that was found is about to be served.
    #[inline]
    pub(super) fn count(&self) {
        self.tally.add();
    }

    pub(super) fn hits(&self) -> usize {
        self.tally.sum()
    }

    /// Under the table's lock.
    pub(super) fn put(&self, hash: u64, outcome: Shelved) {
        // ORDERING: all of these are written under the lock that we are under.
        let (level, len) = (
            self.level.load(Ordering::Relaxed),
            self.len.load(Ordering::Relaxed),
        );
        let level = match 2 * (len + 1) > slots_of(level) {
            true if level + 1 == LEVELS => return,
            true => self.grow(level),
            false => level,
        };
        let slots = self.slots(level);
        if place(slots, Slot { hash, outcome }) {
            // ORDERING: see above.
            self.len.store(len + 1, Ordering::Relaxed);
        }
    }

    /// From now on everybody has to ask the table. Under its lock.
    pub(super) fn close(&self) {
        // ORDERING: pairs with the load in `find`.
        self.closed.store(1, Ordering::Release);
    }

    fn slots(&self, level: usize) -> &[OnceCell<Slot>] {
        let cell = &self.levels[level];
        if cell.get().is_none() {
            let fresh = (0..slots_of(level)).map(|_| OnceCell::new()).collect();
            let set = cell.set(fresh);
            debug_assert!(set.is_ok());
        }
        cell.get().map_or(&[], |slots| slots)
    }

    fn grow(&self, level: usize) -> usize {
        let larger = self.slots(level + 1);
        let all = self.slots(level).iter().filter_map(OnceCell::get);
        all.for_each(|slot| {
            let _ = place(larger, slot.clone());
        });
        // ORDERING: pairs with the load in `find`.
        self.level.store(level + 1, Ordering::Release);
        level + 1
    }
}

/// `false`: it is there.
fn place(slots: &[OnceCell<Slot>], slot: Slot) -> bool {
    let mut slot = slot;
    for at in probes(slots.len(), slot.hash) {
        if slots[at].get().is_some_and(|other| other.is(&slot)) {
            return false;
        }
        match slots[at].set(slot) {
            Ok(()) => return true,
            Err(back) => slot = back,
        }
    }
    false
}

fn slots_of(level: usize) -> usize {
    SMALLEST << (2 * level)
}

fn probes(slots: usize, hash: u64) -> impl Iterator<Item = usize> {
    (0..slots).map(move |step| start(hash).wrapping_add(step) & (slots - 1))
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are as good")]
fn start(hash: u64) -> usize {
    match cfg!(any(runce_loom, runce_shuttle)) {
        true => 0, // seeds differ from one execution of a model to the next
        false => hash as usize,
    }
}

impl Shelved {
    #[inline]
    fn serve<R>(&self, serve: &mut impl FnMut(&Arc<dyn Node>) -> Option<R>) -> Option<R> {
        match self {
            Self::Kept(node) => serve(node),
            Self::Seen(node) => {
                let node = node.upgrade()?;
                let served = catch_panic(|| serve(&node));
                // It may be the last: not while another panic unwinds.
                drop_quietly(node);
                served.unwrap_or_else(|panic| resume(panic))
            }
        }
    }
}

impl Slot {
    fn is(&self, other: &Self) -> bool {
        match (&self.outcome, &other.outcome) {
            (Shelved::Kept(one), Shelved::Kept(other)) => Arc::ptr_eq(one, other),
            (Shelved::Seen(one), Shelved::Seen(other)) => Weak::ptr_eq(one, other),
            _ => false,
        }
    }
}
