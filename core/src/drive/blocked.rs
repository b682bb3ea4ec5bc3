//! For a thread that blocks inside a run's poll: it polls what it waits for, and
//! nothing else. An unrelated run, polled on top of a blocked one, could wait for it
//! and never return.
use super::{poll_queued, set_of};
use crate::entry::Flight;
use crate::ready::ReadySet;
use crate::sync::Arc;
use alloc::vec::Vec;
use hashbrown::HashSet;

/// Polls what that run transitively waits for and is queued, and the run itself.
pub(crate) fn poll_wanted(target: &Arc<Flight>, depth: usize) {
    // Those that others wait for come first.
    for flight in wanted(target).into_iter().rev() {
        // Nothing else is wanted any more: it could wait for what is blocked beneath us.
        if target.is_over() {
            return;
        }
        poll_queued(&flight, depth);
    }
}

/// The sets that these are in, each once.
pub(crate) fn sets_of(wanted: &[Arc<Flight>]) -> Vec<Arc<ReadySet<Flight>>> {
    let mut seen = HashSet::new();
    let sets = wanted.iter().map(set_of);
    sets.filter(|set| seen.insert(Arc::as_ptr(set).addr()))
        .collect()
}

/// The run and all that it transitively waits for.
pub(crate) fn wanted(target: &Arc<Flight>) -> Vec<Arc<Flight>> {
    let mut seen = HashSet::new();
    let _ = seen.insert(Arc::as_ptr(target).addr());
    let mut wanted = alloc::vec![target.clone()];
    let mut at = 0;
    while at < wanted.len() {
        let next = wanted[at].waits_for();
        wanted.extend(
            next.into_iter()
                .filter(|next| seen.insert(Arc::as_ptr(next).addr())),
        );
        at += 1;
    }
    wanted
}
