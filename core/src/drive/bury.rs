//! The end of runs that nobody wants: leaving, killing, and the graveyard.
use super::{current, host_drop, spawn_promised};
use crate::entry::{Flight, Keeper};
use crate::guard::Finally;
use crate::state::{Kill, Leave};
use crate::sync::Arc;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;

/// A caller goes away. `parent`: the run that it lived in. It may have to
/// [`abandon`] the run to the executor, or to [`lend`] it.
pub(crate) fn leave(
    flight: &Arc<Flight>,
    slot: usize,
    parent: Option<&Arc<Flight>>,
    finish: bool,
) -> Leave {
    let left = flight.leave(slot, finish);
    if left == Leave::Bury {
        let orphan = match parent {
            Some(parent) => parent.adopt(flight.clone()),
            None => Some(flight.clone()),
        };
        if let Some(flight) = orphan {
            bury(flight);
        }
    }
    left
}

/// Hands a run to the executor, which finishes it. The handle keeps the context alive.
pub(crate) fn abandon(flight: &Arc<Flight>, handle: Box<dyn Any + Send>) {
    hand_over(flight, handle, false);
}

/// Hands a run to the executor as long as it is pinned: what goes on on another thread may
/// wait for the rest of it.
pub(crate) fn lend(flight: &Arc<Flight>) {
    hand_over(flight, Box::new(()), true);
}

fn hand_over(flight: &Arc<Flight>, handle: Box<dyn Any + Send>, lent: bool) {
    let set = super::set_of(flight);
    let subscribed = set.keep(flight.clone());
    let (crate::ready::Subscribed::As(slot) | crate::ready::Subscribed::Spawn(slot)) = subscribed;
    let keeper = Keeper {
        set: set.clone(),
        slot,
        handle,
        lent,
    };
    if let Some(late) = flight.keep(keeper) {
        late.let_go();
    }
    let _ = spawn_promised(&set, subscribed);
    // The job was lost, or the work done, before they could know of this keeper.
    if !set.has_job() || (lent && !flight.is_pinned()) {
        let_go(flight);
    }
}

/// The executor dropped its job: nobody is left who finishes this run.
pub(super) fn let_go(flight: &Arc<Flight>) {
    let Some((keeper, left)) = flight.let_go() else {
        return;
    };
    if left == Leave::Bury {
        bury(flight.clone());
    }
    keeper.let_go();
}

/// Drops the body of a run that nobody wants, and those that this orphans, one by one.
/// Within another burial on this thread (known with `std`) it is left to that one.
pub(crate) fn bury(flight: Arc<Flight>) {
    begin(alloc::vec![flight]);
}

fn begin(mut graves: Vec<Arc<Flight>>) {
    if !graves.is_empty() && current::begin_burial(&mut graves) {
        bury_all(graves);
    }
}

/// A run whose turn has come may be wanted again: it is spared.
fn bury_all(mut graves: Vec<Arc<Flight>>) {
    // If dropping one unwinds (without `std`), the others are dropped all the same.
    while let Some(flight) = graves.pop() {
        if let Some(body) = flight.doom() {
            let unwound = Finally::new(|| {
                inter(&flight, &mut graves);
                bury_all(core::mem::take(&mut graves));
            });
            host_drop(&flight.host, body);
            unwound.defuse();
            inter(&flight, &mut graves);
        }
        if graves.is_empty() {
            current::continue_burial(&mut graves);
        }
    }
}

/// The body is gone: its callers look again, its orphans are next.
fn inter(flight: &Arc<Flight>, graves: &mut Vec<Arc<Flight>>) {
    graves.extend(flight.buried().settle());
}

/// The context was cancelled: callers are told at once, bodies dropped one by one.
/// All runs are marked before the first is dropped, so that none cascades into the next.
pub(crate) fn kill(flights: Vec<Arc<Flight>>) {
    let mut graves = Vec::new();
    let mut told = Vec::new();
    for flight in flights {
        let (kill, callers) = flight.kill();
        told.push(callers);
        if kill == Kill::Bury {
            graves.push(flight);
        }
    }
    for callers in told {
        callers.ring();
    }
    begin(graves);
}
