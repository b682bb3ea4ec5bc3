//! A wait within a run.
use super::Set;
use crate::entry::Flight;
use crate::sync::Arc;

/// How the runs that we live in and wait for are connected.
pub(super) struct Inside {
    pub(super) set: Set,
    /// The link into that, where the other is in another set.
    pub(super) link: Option<(Set, usize)>,
    /// Through a detached handle: the run that we live in, and our place among what it
    /// asks for.
    pub(super) detached: Option<(Arc<Flight>, usize)>,
}

impl Inside {
    /// A call through a detached handle may have moved to another run.
    pub(super) fn is(&self, run: &Arc<Flight>, set: &Set) -> bool {
        let same_run = match &self.detached {
            Some((ours, _)) => Arc::ptr_eq(ours, run),
            None => true,
        };
        same_run && Arc::ptr_eq(&self.set, set)
    }

    pub(super) fn leave(self) {
        if let Some((run, ask)) = self.detached {
            run.asked(ask);
        }
        if let Some((set, slot)) = self.link {
            set.unsubscribe(slot);
        }
    }
}
