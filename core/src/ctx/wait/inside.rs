//! A wait within a run.
use super::Set;
use crate::entry::{Asked, Flight};
use crate::sync::Arc;
use alloc::boxed::Box;

/// How the runs that we live in and wait for are connected.
pub(super) struct Inside {
    set: Set,
    /// Boxed, since most are in one set, and waited for with the run's own handle.
    ties: Option<Box<Ties>>,
}

struct Ties {
    /// The link into that set, where the other is in another one.
    link: Option<(Set, usize)>,
    /// Through a detached handle: the run that we live in, and our place among what it
    /// asks for.
    detached: Option<(Arc<Flight>, Asked)>,
}

impl Inside {
    pub(super) fn new(
        set: Set,
        link: Option<(Set, usize)>,
        detached: Option<(Arc<Flight>, Asked)>,
    ) -> Self {
        let tied = link.is_some() || detached.is_some();
        let ties = tied.then(|| Box::new(Ties { link, detached }));
        Self { set, ties }
    }

    /// A call through a detached handle may have moved to another run.
    pub(super) fn is(&self, run: &Arc<Flight>, set: &Set) -> bool {
        let detached = self.ties.as_ref().and_then(|ties| ties.detached.as_ref());
        let same_run = detached.is_none_or(|(ours, _)| Arc::ptr_eq(ours, run));
        same_run && Arc::ptr_eq(&self.set, set)
    }

    pub(super) fn leave(self) {
        let Some(ties) = self.ties else { return };
        if let Some((run, ask)) = ties.detached {
            run.asked(ask);
        }
        if let Some((set, slot)) = ties.link {
            set.unsubscribe(slot);
        }
    }
}
