//! Who polls a run: its creator at first, then whoever drains its ready set; and who
//! drops it. Here, and only here, foreign futures are polled and dropped.
mod blocked;
mod bury;
mod crew;
mod current;
mod drain;
mod spare;
mod turn;

use crate::entry::{Body, Flight, Settled};
use crate::error::Error;
use crate::executor::Host;
use crate::guard::{Finally, catch, drop_quietly, forget_place};
use crate::ready::{Item, ReadySet, Subscribed};
use crate::state::{Leave, Pin, Release};
use crate::sync::Arc;
use alloc::vec::Vec;
use core::task::{Context, Poll, Waker};

pub(crate) use blocked::{listen, poll_wanted};
pub(crate) use bury::{abandon, bury, kill, leave, lend};
pub(crate) use crew::{Crew, give_back, put_by, rely_on_job};
pub(crate) use current::{Around, around, current, is_elsewhere, nested};
pub(crate) use drain::drain;
pub(crate) use spare::Spare;
pub(crate) use turn::{come_back, enter, leave_gate, may_go, set_bounds, step_aside};

/// Starts a fresh run: polls it on the spot, if the stack allows. `true`: it is over.
pub(crate) fn start(flight: &Arc<Flight>, body: Body, depth: usize) -> bool {
    if depth < flight.host.limits.depth {
        poll(flight, body, depth) == Polled::Over
    } else {
        postpone(flight, body);
        false
    }
}

/// Starts a fresh run by queueing it.
pub(crate) fn postpone(flight: &Arc<Flight>, body: Body) {
    flight.postpone();
    let _ = release(flight, body);
}

/// What a poll of a run came to.
#[derive(PartialEq, Eq)]
enum Polled {
    Pending,
    /// It was woken meanwhile, by itself perhaps.
    Woken,
    Over,
}

/// Polls a run taken from a queue, if it is still what it was then. `true`: it was woken
/// during the poll.
fn poll_queued(flight: &Arc<Flight>, depth: usize) -> bool {
    match flight.claim() {
        Some(body) => poll(flight, body, depth) == Polled::Woken,
        None => false,
    }
}

/// Polls a run that was claimed by whoever calls this.
fn poll(flight: &Arc<Flight>, mut body: Body, depth: usize) -> Polled {
    flight.set_depth(depth);
    let waker = Waker::from(flight.clone());
    let mut cx = Context::from_waker(&waker);
    let unwound = Finally::new(|| complete_unwound(flight));
    forget_place();
    let mut panic = None;
    let polled = current::during(flight, || {
        let polled = catch(|| flight.host.enter(|| body.as_mut().poll(&mut cx)));
        polled.unwrap_or_else(|message| {
            panic = Some(message);
            Poll::Ready(())
        })
    });
    unwound.defuse();
    if polled.is_pending() {
        return release(flight, body);
    }
    match panic {
        None => drop_quietly(body),
        Some(message) => {
            host_drop(&flight.host, body);
            panicked(flight, message);
        }
    }
    settle(flight);
    Polled::Over
}

/// Without `std` a panic unwinds through us. By now its body may be half gone; it is
/// dropped on the way out.
fn complete_unwound(flight: &Arc<Flight>) {
    panicked(flight, crate::guard::Message::default());
    settle(flight);
}

fn panicked(flight: &Arc<Flight>, message: crate::guard::Message) {
    if let Some(entry) = flight.entry() {
        entry.fail(Error::panicked(entry.label(), message));
        drop_quietly(entry);
    }
}

fn release(flight: &Arc<Flight>, body: Body) -> Polled {
    let _ = set_of(flight);
    let (next, set) = flight.release(body).next();
    if let Some(set) = set {
        ReadySet::push(&set, Item::Run(flight.clone()));
    }
    if next == Release::Bury {
        bury(flight.clone());
    }
    match next {
        Release::Enqueue => Polled::Woken,
        Release::Rest | Release::Bury => Polled::Pending,
    }
}

fn settle(flight: &Arc<Flight>) {
    match flight.settle() {
        Settled::Alone(trifle) => trifle.settle(),
        Settled::Shared(remains) => remains.settle().into_iter().for_each(bury),
    }
}

/// Drops what is foreign as it would be polled.
fn host_drop(host: &Host, body: Body) {
    let _ = catch(|| host.enter(|| drop(body)));
}

/// The run's ready set, made on first need at the root of its stack: a run without
/// one is in its first poll, so its creator is below it.
pub(crate) fn set_of(flight: &Arc<Flight>) -> Arc<ReadySet<Flight>> {
    let mut path: Vec<Arc<Flight>> = Vec::new();
    let mut at = flight.clone();
    let set = loop {
        match at.set_or_creator() {
            (Some(set), _) => break set,
            (None, Some(creator)) => path.push(core::mem::replace(&mut at, creator)),
            (None, None) => break at.set_or(ReadySet::new(at.host.clone())),
        }
    };
    // A first poll may have ended meanwhile, and its creator's run too: what has a set keeps it.
    let down = path.into_iter().rev();
    down.fold(set, |set, flight| flight.set_or(set))
}

/// Sees to it that a run in flight is not dropped: its slot among the callers. `None`: it is
/// over, or its end has begun.
pub(crate) fn pin(flight: &Arc<Flight>) -> Option<usize> {
    let (slot, pin) = flight.pin()?;
    if let Pin::Lend { revived } = pin {
        if revived {
            Flight::push(flight);
        }
        lend(flight);
    }
    Some(slot)
}

/// Takes that back. Where nobody else is left, polls the run first, since there is
/// something new for it.
pub(crate) fn unpin(flight: &Arc<Flight>, slot: usize, finish: bool) {
    if flight.is_only_pinned() {
        let _ = poll_queued(flight, 0);
    }
    let (left, keeper) = flight.unpin(slot, finish);
    if left == Leave::Bury {
        bury(flight.clone());
    }
    if let Some(keeper) = keeper {
        keeper.let_go();
    }
}

/// Spawns the job that a subscription was promised.
pub(crate) fn spawn_promised(set: &Arc<ReadySet<Flight>>, subscribed: Subscribed) -> usize {
    match subscribed {
        Subscribed::As(slot) => slot,
        Subscribed::Spawn(slot) => {
            if let Some(executor) = &set.host.executor {
                let job = drain::job(set.clone());
                // An executor that panics has dropped the job.
                let _ = catch(|| executor.spawn(job));
            }
            slot
        }
    }
}
