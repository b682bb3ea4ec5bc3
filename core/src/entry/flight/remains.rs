//! What is left of a run: after a poll, and at its end.
use super::callers::Waiter;
use super::driven::Driver;
use super::{Flight, Guest, Inner};
use crate::entry::Node;
use crate::gate::Gate;
use crate::guard::{Finally, drop_quietly};
use crate::notify::Told;
use crate::ready::ReadySet;
use crate::slots::Slots;
use crate::state::Release;
use crate::sync::Arc;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;

/// The executor's interest in a run, and the handle that keeps the context alive.
pub(crate) struct Keeper {
    pub(crate) set: Arc<ReadySet<Flight>>,
    pub(crate) slot: usize,
    pub(crate) handle: Box<dyn Any + Send>,
    /// Only until the work that keeps the run from being dropped is done.
    pub(crate) lent: bool,
}

/// To be dropped when the outcome is there. Boxed, since it is rare.
pub(super) struct Late(pub(super) Vec<Arc<dyn Node>>);

/// What was in a flight when its run was over. To be dropped and woken with no lock
/// held.
pub(crate) struct Remains {
    pub(crate) told: Told,
    pub(crate) orphans: Vec<Arc<Flight>>,
    entry: Option<Arc<dyn Node>>,
    guests: Vec<Guest>,
    keeper: Option<Keeper>,
    late: Option<Box<Late>>,
    set: Option<Arc<ReadySet<Flight>>>,
    /// Its slot there.
    driven: Option<usize>,
    _edges: Vec<Arc<Flight>>,
    _gate: Option<Arc<Gate<Flight>>>,
}

/// What is left of a run that nobody joined or waited for, and that waited for nothing.
pub(crate) struct Trifle {
    entry: Option<Arc<dyn Node>>,
    /// Whose caller created it.
    _creator: Option<Arc<Flight>>,
}

/// A run after its last poll.
#[must_use]
pub(crate) enum Settled {
    Alone(Trifle),
    Shared(Remains),
}

/// A run after a pending poll.
#[must_use]
pub(crate) struct Released {
    pub(super) next: Release,
    pub(super) set: Option<Arc<ReadySet<Flight>>>,
    pub(super) guests: Slots<Guest>,
}

impl Released {
    /// What is to be done, and the set to push the run to.
    pub(crate) fn next(self) -> (Release, Option<Arc<ReadySet<Flight>>>) {
        for (set, guest) in self.guests.into_values() {
            set.dismiss(guest);
        }
        (self.next, self.set)
    }
}

impl Keeper {
    /// Foreign: the handle may be the context's last.
    pub(crate) fn let_go(self) {
        self.set.unsubscribe(self.slot);
        drop_quietly(self.handle);
    }
}

impl Trifle {
    /// Cuts all ties.
    pub(crate) fn settle(self) {
        if let Some(entry) = self.entry {
            entry.head().land();
            drop_quietly(entry);
        }
    }
}

impl Remains {
    /// Cuts all ties and wakes those who waited. What is left is to be buried.
    pub(crate) fn settle(self) -> Vec<Arc<Flight>> {
        if let Some(entry) = &self.entry {
            entry.head().land();
        }
        for (set, guest) in self.guests {
            set.dismiss(guest);
        }
        if let (Some(set), Some(slot)) = (&self.set, self.driven) {
            set.undrive(slot);
        }
        // Without `std`, whatever of this unwinds.
        let rest = Finally::new(|| {
            drop_quietly(self.entry);
            if let Some(late) = self.late {
                late.0.into_iter().for_each(drop_quietly);
            }
            if let Some(keeper) = self.keeper {
                keeper.let_go();
            }
        });
        self.told.ring();
        drop(rest);
        self.orphans
    }
}

impl Inner {
    /// Most runs that are over in their first poll leave no more than that.
    #[inline]
    pub(super) fn trifle(&mut self) -> Option<Trifle> {
        let more = self.set.is_some()
            || self.gate.is_some()
            || self.keeper.is_some()
            || self.late.is_some()
            || self.driver != Driver::Subscribers
            || !self.guests.is_unused()
            || !self.asks.is_unused()
            || !self.orphans.is_empty();
        let told = |waiter: &Waiter| waiter.notify.is_some();
        if more || self.waiters.only().is_none_or(told) {
            return None;
        }
        let creator = self.waiters.remove(0).and_then(|waiter| waiter.run);
        let entry = self.entry.take();
        Some(Trifle {
            entry,
            _creator: creator,
        })
    }

    /// Takes out all that a run in flight needs.
    pub(super) fn empty(&mut self) -> Remains {
        let mut remains = Remains {
            told: Told::default(),
            orphans: core::mem::take(&mut self.orphans),
            entry: self.entry.take(),
            guests: Vec::new(),
            keeper: self.keeper.take(),
            late: self.late.take(),
            set: self.set.take(),
            driven: self.take_driver(),
            _edges: Vec::new(),
            _gate: self.gate.take(),
        };
        self.guests.take_each(|guest| remains.guests.push(guest));
        self.asks.take_each(|ask| remains._edges.push(ask.target));
        remains.told.reserve(self.waiters.len());
        self.waiters.take_each(|waiter| {
            remains.told.extend(waiter.notify);
            remains._edges.extend(waiter.run);
        });
        remains
    }
}
