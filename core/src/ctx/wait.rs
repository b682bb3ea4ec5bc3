//! A caller's interest in a run in flight, and how it sees to it that somebody polls
//! that run.
mod aside;
mod guest;
mod inside;

use crate::drive;
use crate::entry::{Asked, Flight, Node};
use crate::notify::Caller;
use crate::ready::ReadySet;
use crate::state::Join;
use crate::sync::Arc;
use alloc::boxed::Box;
use alloc::vec::Vec;
use aside::Aside;
use core::task::Waker;
use guest::{Guest, OnTop};
use inside::Inside;

/// Our interest in a run in flight.
pub(super) struct Wait {
    pub(super) node: Arc<dyn Node>,
    pub(super) flight: Arc<Flight>,
    pub(super) slot: usize,
    /// Its place among what our own run asks for.
    pub(super) ask: Option<Asked>,
    /// The sole creator of a run drives alone; whoever else waits brings in the executor.
    shared: bool,
    /// The executor begins it, and does not know of it yet.
    fresh: bool,
    registered: bool,
    /// It is over: there is nothing to leave.
    pub(super) over: bool,
    /// A job drives it, as far as we know.
    driven: bool,
    /// One did, and was lost: we ask for no other.
    lost: bool,
    drive: Drive,
    rare: Option<Box<Rare>>,
}

/// Boxed, since it is rare and large.
#[derive(Default)]
struct Rare {
    guest: Option<Guest>,
    /// For us the run that we live in stepped aside, in the midst of a poll or of its work.
    aside: Option<Aside>,
}

type Set = Arc<ReadySet<Flight>>;

/// How we see to it that somebody polls the run.
enum Drive {
    Nobody,
    /// We drain that set.
    Caller(Set, usize),
    /// Whoever drives the run that we live in.
    Run(Inside),
    /// The job that drives what we wait for: the run that we live in waits for its end only.
    Job,
    /// We poll what we wait for, and nothing else.
    OnTop(Box<OnTop>),
}

impl Wait {
    pub(super) fn new(
        node: Arc<dyn Node>,
        flight: Arc<Flight>,
        slot: usize,
        ask: Option<Asked>,
        shared: bool,
    ) -> Self {
        Self {
            node,
            flight,
            slot,
            ask,
            shared,
            fresh: false,
            registered: false,
            over: false,
            driven: false,
            lost: false,
            drive: Drive::Nobody,
            rare: None,
        }
    }

    /// Of its creator. `apart`: the executor is to begin it.
    pub(super) fn of_fresh(
        node: Arc<dyn Node>,
        flight: Arc<Flight>,
        ask: Option<Asked>,
        apart: bool,
    ) -> Self {
        let fresh = apart;
        Self {
            fresh,
            ..Self::new(node, flight, 0, ask, apart)
        }
    }

    /// The run, if the executor is to be told of it now.
    pub(super) fn take_fresh(&mut self) -> Option<Arc<Flight>> {
        core::mem::take(&mut self.fresh).then(|| self.flight.clone())
    }

    /// Sees to it that we are woken at the end.
    pub(super) fn register(&mut self, caller: Caller<'_>) -> Join {
        let first = !core::mem::replace(&mut self.registered, true);
        let (found, driven) = self.flight.register(self.slot, caller, first);
        self.lost |= self.driven && !driven;
        self.driven = driven;
        self.over = matches!(found, Join::Settled | Join::Dropped);
        found
    }

    /// From outside: drain the set ourselves. `true`: look again.
    pub(super) fn drain(&mut self, caller: Caller<'_>, depth: usize) -> bool {
        if self.driven {
            return false;
        }
        if !matches!(self.drive, Drive::Caller(..)) {
            self.stop_driving();
            let set = drive::set_of(&self.flight);
            if self.asks_for_job() && drive::rely_on_job(&self.flight, &set) {
                self.driven = true;
                return false;
            }
            let slot = self.subscribe(&set);
            self.drive = Drive::Caller(set, slot);
        }
        if let Drive::Caller(set, slot) = &self.drive {
            drive::drain(set, *slot, caller, &self.flight, depth);
        }
        self.flight.is_over()
    }

    /// From outside, on top of something: poll what we wait for. `true`: look again.
    pub(super) fn poll_wanted(&mut self, caller: Caller<'_>, depth: usize) -> bool {
        self.help(&self.flight.clone(), caller, depth)
    }

    /// Polls what that run waits for.
    pub(super) fn help(&mut self, target: &Arc<Flight>, caller: Caller<'_>, depth: usize) -> bool {
        if !matches!(self.drive, Drive::OnTop(_)) {
            self.stop_driving();
            let set = drive::set_of(&self.flight);
            let slot = self.subscribe(&set);
            self.drive = Drive::OnTop(Box::new(OnTop {
                set,
                slot,
                invitations: Vec::new(),
            }));
        }
        drive::poll_wanted(target, depth);
        if let (Drive::OnTop(top), false) = (&mut self.drive, target.is_over()) {
            top.listen(target, caller);
        }
        target.is_over()
    }

    fn asks_for_job(&self) -> bool {
        self.shared && !self.lost
    }

    fn subscribe(&self, set: &Set) -> usize {
        let subscribed = set.subscribe(self.asks_for_job());
        drive::spawn_promised(set, subscribed)
    }

    /// From within a run: whoever drives that drives our target too. `own`: with its waker.
    pub(super) fn link(&mut self, run: &Arc<Flight>, detached: bool, own: bool) {
        if self.driven && own && !detached {
            return self.wait_for_job(run);
        }
        let ours = drive::set_of(run);
        if matches!(&self.drive, Drive::Run(inside) if inside.is(run, &ours)) {
            return;
        }
        self.stop_driving();
        let theirs = drive::set_of(&self.flight);
        let mut link = None;
        if !Arc::ptr_eq(&theirs, &ours) {
            let subscribed = ReadySet::link(&theirs, &ours, self.asks_for_job());
            link = Some((theirs.clone(), drive::spawn_promised(&theirs, subscribed)));
        }
        let ask = |run: &Arc<Flight>| (run.clone(), run.ask_detached(self.flight.clone()));
        let asked = detached.then(|| ask(run));
        self.drive = Drive::Run(Inside::new(ours.clone(), link, asked));
        // What we created through a detached handle was polled before we said that we wait for it.
        if self.shared || detached {
            ours.tell_guests(run);
        }
    }

    /// Its end wakes our run.
    fn wait_for_job(&mut self, run: &Arc<Flight>) {
        if matches!(self.drive, Drive::Nobody) {
            self.drive = Drive::Job;
            drive::set_of(run).tell_guests(run);
        }
    }

    /// Polled with a waker that is not our run's, for the sake of that target, which may be our
    /// own run. `true`: look again.
    pub(super) fn be_guest(
        &mut self,
        target: &Arc<Flight>,
        run: &Arc<Flight>,
        waker: &Waker,
        caller: Caller<'_>,
        depth: usize,
    ) -> bool {
        let known = self.rare.as_mut().and_then(|rare| rare.guest.take());
        let mut guest = match known {
            Some(mut guest) => {
                guest.again(run, waker);
                guest
            }
            None => Guest::new(run.polls(), waker),
        };
        if guest.returns {
            self.rare().guest = Some(guest);
            return false;
        }
        guest.tries += 1;
        if guest.is_blocked(depth >= target.host.limits.depth) {
            drive::poll_wanted(target, depth);
        }
        let over = target.is_over();
        if !over {
            guest.enter(run, target, caller);
        }
        self.rare().guest = Some(guest);
        over
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Takes back all but our place among the callers. `run`: the one that we live in.
    pub(super) fn disconnect(&mut self, run: Option<&Arc<Flight>>) {
        if let (Some(run), Some(ask)) = (run, self.ask.take()) {
            run.asked(ask);
        }
        let guest = self.rare.as_mut().and_then(|rare| rare.guest.take());
        if let (Some(run), Some(mut guest)) = (run, guest) {
            if guest.poll == run.polls() {
                guest.leave(run);
            }
        }
    }

    pub(super) fn stop_driving(&mut self) {
        match core::mem::replace(&mut self.drive, Drive::Nobody) {
            Drive::Caller(set, slot) => set.unsubscribe(slot),
            Drive::Run(inside) => inside.leave(),
            Drive::OnTop(mut top) => top.leave(),
            Drive::Job | Drive::Nobody => {}
        }
    }
}
