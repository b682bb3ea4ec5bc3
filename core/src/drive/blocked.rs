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
    for flight in wanted(target).0.into_iter().rev() {
        // Nothing else is wanted any more: it could wait for what is blocked beneath us.
        if target.is_over() {
            return;
        }
        poll_queued(&flight, depth);
    }
}

/// Invites to every set that concerns what that run waits for, until no more of them come up:
/// meanwhile others poll those runs, which ask for more. `true`: some of it is queued already.
pub(crate) fn listen(target: &Arc<Flight>, mut invite: impl FnMut(Arc<ReadySet<Flight>>)) -> bool {
    let mut heard = HashSet::new();
    loop {
        let (wanted, hubs) = wanted(target);
        let before = heard.len();
        for set in wanted.iter().map(set_of).chain(hubs) {
            if heard.insert(Arc::as_ptr(&set).addr()) {
                invite(set);
            }
        }
        if heard.len() == before {
            return wanted.iter().any(|flight| flight.is_queued());
        }
    }
}

/// The run and all that it transitively waits for, those before it in a queue included; and the
/// hubs of such queues, which tell who comes before it later.
fn wanted(target: &Arc<Flight>) -> (Vec<Arc<Flight>>, Vec<Arc<ReadySet<Flight>>>) {
    let mut seen = HashSet::new();
    let _ = seen.insert(Arc::as_ptr(target).addr());
    let (mut wanted, mut hubs) = (alloc::vec![target.clone()], Vec::new());
    let mut at = 0;
    while at < wanted.len() {
        let mut next = wanted[at].waits_for();
        // An executor drives those before it, and they may block on what is beneath us.
        let drives = wanted[at].host.executor.is_some();
        if let Some(gate) = wanted[at].gate().filter(|_| !drives) {
            if let Some(before) = gate.before(&wanted[at]) {
                next.extend(before);
                hubs.push(gate.hub.clone());
            }
        }
        wanted.extend(
            next.into_iter()
                .filter(|next| seen.insert(Arc::as_ptr(next).addr())),
        );
        at += 1;
    }
    (wanted, hubs)
}
