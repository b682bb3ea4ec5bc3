//! For a thread that blocks inside a run's poll: it polls what it waits for, and
//! nothing else. An unrelated run, polled on top of a blocked one, could wait for it
//! and never return.
use super::poll_queued;
use crate::entry::Flight;
use crate::sync::Arc;
use alloc::vec::Vec;
use hashbrown::HashSet;

/// Polls what that run transitively waits for and is queued, and the run itself.
pub(crate) fn poll_wanted(target: &Arc<Flight>, depth: usize) {
    // Those that others wait for come first.
    for flight in wanted(target).into_iter().rev() {
        poll_queued(&flight, depth);
    }
}

/// Would that poll anything?
pub(crate) fn is_wanted_queued(target: &Arc<Flight>) -> bool {
    wanted(target).iter().any(|flight| flight.is_queued())
}

/// The run and all that it transitively waits for.
fn wanted(target: &Arc<Flight>) -> Vec<Arc<Flight>> {
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
