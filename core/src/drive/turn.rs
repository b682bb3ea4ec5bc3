//! Runs that wait for their turn: whoever waits for one of them drives those that are before it.
use super::{set_of, spawn_promised};
use crate::entry::Flight;
use crate::gate::{Bounds, Changes, Entered, Gate};
use crate::guard::drop_quietly;
use crate::notify::Caller;
use crate::ready::{ReadySet, Subscribed};
use crate::sync::Arc;

/// From now on so many.
pub(crate) fn set_bounds(gate: &Arc<Gate<Flight>>, bounds: Bounds) {
    settle(gate, gate.set_bounds(bounds));
}

/// A run comes for the first time. `counts`: too many of them are refused.
pub(crate) fn enter(
    gate: &Arc<Gate<Flight>>,
    run: &Arc<Flight>,
    counts: bool,
    caller: Caller<'_>,
    known: &mut u64,
) -> Entered {
    let (entered, changes) = gate.enter(run, counts, caller, known);
    if entered != Entered::Full {
        run.set_gate(gate.clone());
    }
    settle(gate, changes);
    entered
}

/// May it go on? Otherwise the caller is woken when it may. `known`: 0 at first.
pub(crate) fn may_go(run: &Arc<Flight>, caller: Caller<'_>, known: &mut u64) -> bool {
    let Some(gate) = run.gate() else {
        return true;
    };
    let (goes, changes) = gate.may_go(run, caller, known);
    settle(&gate, changes);
    goes
}

/// It waits for another run: somebody else's turn. `false`: it need not wait for its own.
pub(crate) fn step_aside(run: &Arc<Flight>) -> bool {
    let Some(gate) = run.gate() else {
        return false;
    };
    settle(&gate, gate.step_aside(run));
    true
}

/// It waits for nothing any more, and goes on, whether it is its turn or not.
pub(crate) fn come_back(run: &Arc<Flight>) {
    if let Some(gate) = run.gate() {
        settle(&gate, gate.come_back(run));
    }
}

/// It is over.
pub(crate) fn leave_gate(gate: &Arc<Gate<Flight>>, run: &Arc<Flight>) {
    settle(gate, gate.leave(run));
}

fn settle(gate: &Arc<Gate<Flight>>, changes: Changes<Flight>) {
    let Changes {
        told,
        unlinked,
        gone,
    } = changes;
    for (set, slot) in unlinked {
        set.unsubscribe(slot);
    }
    connect(gate);
    told.ring();
    // Last, since without `std` a waker that panics as it is dropped unwinds through us.
    drop_quietly(gone);
}

/// Those inside to those who wait, by way of the hub.
fn connect(gate: &Arc<Gate<Flight>>) {
    while let Some(unlinked) = gate.unlinked() {
        let (run, hub) = (&unlinked.run, &gate.hub);
        let ours = set_of(run);
        let link = if unlinked.waits {
            // A hub has no runs, for which there could be a job.
            let (Subscribed::As(slot) | Subscribed::Spawn(slot)) =
                ReadySet::link(hub, &ours, false);
            ours.tell_guests(run);
            (hub.clone(), slot)
        } else {
            let subscribed = ReadySet::link(&ours, hub, true);
            let slot = spawn_promised(&ours, subscribed);
            (ours, slot)
        };
        if let Some((set, slot)) = gate.linked(&unlinked, link) {
            set.unsubscribe(slot);
        }
    }
}
