//! The end of runs that nobody wants: leaving, killing, and the graveyard.
use super::{current, host_drop, spawn_promised};
use crate::entry::{Flight, Grave, Keeper};
use crate::executor::Host;
use crate::guard::Finally;
use crate::state::Leave;
use crate::sync::Arc;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;

/// A caller goes away. `parent`: the run that it lived in. `true`: it was the last
/// one, and the executor takes the run over: [`abandon`] it.
#[must_use]
pub(crate) fn leave(
    flight: &Arc<Flight>,
    slot: usize,
    parent: Option<&Arc<Flight>>,
    finish: bool,
    host: &Host,
) -> bool {
    let (left, body) = flight.leave(slot, finish);
    if let Some(body) = body {
        let grave = (flight.clone(), body);
        let grave = match parent {
            Some(parent) => parent.adopt(grave),
            None => Some(grave),
        };
        if let Some(grave) = grave {
            bury(grave, host);
        }
    }
    left == Leave::HandOver
}

/// Hands a run to the executor, which finishes it. The handle keeps the context alive.
pub(crate) fn abandon(flight: &Arc<Flight>, handle: Box<dyn Any + Send>, host: &Host) {
    let set = super::set_of(flight, host);
    let subscribed = set.keep(flight.clone());
    let (crate::ready::Subscribed::As(slot) | crate::ready::Subscribed::Spawn(slot)) = subscribed;
    let keeper = Keeper {
        set: set.clone(),
        slot,
        handle,
    };
    if let Some(late) = flight.keep(keeper) {
        late.let_go();
    }
    let _ = spawn_promised(&set, subscribed);
}

/// The executor dropped its job: nobody is left who finishes this run.
pub(super) fn let_go(flight: &Arc<Flight>, host: &Host) {
    if let Some(body) = flight.let_go() {
        bury((flight.clone(), body), host);
    }
}

/// Drops a body, and those that this orphans, one by one. Within another burial on this
/// thread (known with `std`) it is left to that one.
pub(crate) fn bury(grave: Grave, host: &Host) {
    let mut graves = alloc::vec![(grave, host.clone())];
    if !current::begin_burial(&mut graves) {
        return;
    }
    while let Some(((flight, body), host)) = graves.pop() {
        // If dropping it unwinds (without `std`), it is dropped all the same.
        let unwound = Finally::new(|| super::finish_orphans(&flight, &host));
        host_drop(&host, body);
        unwound.defuse();
        let orphans = flight.buried().settle();
        graves.extend(orphans.into_iter().map(|grave| (grave, host.clone())));
        if graves.is_empty() {
            current::continue_burial(&mut graves);
        }
    }
}

/// The context was cancelled: callers are told at once, bodies dropped one by one.
/// All are taken before the first is dropped, so that none cascades into the next.
pub(crate) fn kill(flights: Vec<Arc<Flight>>, host: &Host) {
    let mut graves = Vec::new();
    let mut told = Vec::new();
    for flight in flights {
        let (callers, body) = flight.kill();
        told.push(callers);
        graves.extend(body.map(|body| (flight, body)));
    }
    for callers in told {
        callers.ring();
    }
    for grave in graves {
        bury(grave, host);
    }
}
