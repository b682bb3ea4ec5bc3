//! Whom to wake: a caller's waker, or a member's place in its group.
use crate::guard::{Finally, catch, drop_quietly};
use crate::sync::{Arc, Lock};
use alloc::vec::Vec;
use core::cell::OnceCell;
use core::task::Waker;

/// A caller as it polls: what a [`Notify`] is made from when it has to wait.
#[derive(Clone, Copy)]
pub(crate) enum Caller<'a> {
    Alone(&'a Waker),
    /// The bell's waker is kept fresh by the group.
    Member(&'a Door, usize),
}

/// A caller that waits.
pub(crate) enum Notify {
    Waker(Waker),
    Member(Arc<Bell>, usize),
}

impl Caller<'_> {
    /// Foreign, since it clones a waker: not under a lock.
    pub(crate) fn to_notify(self) -> Notify {
        match self {
            Caller::Alone(waker) => Notify::Waker(waker.clone()),
            Caller::Member(door, index) => Notify::Member(door.bell().clone(), index),
        }
    }

    /// Would that notify wake us?
    pub(crate) fn is(self, notify: &Notify) -> bool {
        match (self, notify) {
            (Caller::Alone(waker), Notify::Waker(other)) => waker.will_wake(other),
            (Caller::Member(door, index), Notify::Member(other, at)) => {
                Arc::ptr_eq(door.bell(), other) && index == *at
            }
            _ => false,
        }
    }
}

impl Notify {
    /// Foreign: not under a lock.
    pub(crate) fn ring(self) {
        let waker = match self {
            Notify::Waker(waker) => Some(waker),
            Notify::Member(bell, index) => bell.ring(index),
        };
        if let Some(waker) = waker {
            // A waker that panics is its owner's trouble.
            let _ = catch(|| waker.wake());
        }
    }
}

/// Those to be woken once all locks are free. The first needs no allocation.
#[derive(Default)]
pub(crate) struct Told {
    first: Option<Notify>,
    rest: Vec<Notify>,
}

impl Told {
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    /// Room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        if more > 1 {
            self.rest.reserve(more);
        }
    }

    pub(crate) fn add(&mut self, notify: Notify) {
        if self.first.is_none() {
            self.first = Some(notify);
        } else {
            self.rest.push(notify);
        }
    }

    pub(crate) fn extend(&mut self, notifies: impl IntoIterator<Item = Notify>) {
        notifies.into_iter().for_each(|notify| self.add(notify));
    }

    /// Foreign: not under a lock.
    pub(crate) fn ring(self) {
        let Self { first, rest } = self;
        let mut all = first.into_iter().chain(rest);
        ring_all(&mut all);
    }
}

fn ring_all(all: &mut dyn Iterator<Item = Notify>) {
    while let Some(notify) = all.next() {
        // If it unwinds, the others are woken all the same.
        let others = Finally::new(|| ring_all(all));
        notify.ring();
        others.defuse();
    }
}

/// A group's own: its bell, once a member has to wait.
pub(crate) struct Door {
    bell: OnceCell<Arc<Bell>>,
    members: usize,
}

/// Collects which members of a group have something to look at, and wakes the group.
pub(crate) struct Bell(Lock<Rung>);

struct Rung {
    members: Vec<usize>,
    /// `None`: they are polled right now, or the group was woken.
    waker: Option<Waker>,
}

impl Door {
    pub(crate) fn new(members: usize) -> Self {
        Self {
            bell: OnceCell::new(),
            members,
        }
    }

    fn bell(&self) -> &Arc<Bell> {
        self.bell.get_or_init(|| Bell::new(self.members))
    }

    /// Says whom to wake from now on, and takes those who rang, first come first. `into` is
    /// empty.
    pub(crate) fn answer(&self, waker: &Waker, into: &mut Vec<usize>) {
        if let Some(bell) = self.bell.get() {
            bell.answer(waker, into);
        }
    }
}

impl Bell {
    fn new(members: usize) -> Arc<Self> {
        Arc::new(Self(Lock::new(Rung {
            members: Vec::with_capacity(members),
            waker: None,
        })))
    }

    fn ring(&self, member: usize) -> Option<Waker> {
        self.0.with(|rung| {
            rung.members.push(member);
            rung.waker.take()
        })
    }

    fn answer(&self, waker: &Waker, into: &mut Vec<usize>) {
        let fresh = waker.clone();
        let stale = self.0.with(|rung| {
            core::mem::swap(into, &mut rung.members);
            rung.waker.replace(fresh)
        });
        drop_quietly(stale);
    }
}
