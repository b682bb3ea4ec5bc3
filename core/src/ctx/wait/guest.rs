//! Where a thread may be blocked on a wait: told of every push that concerns it, and helping whom it
//! waits for.
use super::Set;
use crate::drive;
use crate::entry::Flight;
use crate::notify::Caller;
use crate::ready;
use crate::sync::Arc;
use alloc::vec::Vec;
use core::task::Waker;

/// Polled so often within one poll of its run, a call is taken for blocked.
const PATIENCE: usize = 3;
/// The same where the stack is deep: a combinator that polls too often must not be taken
/// for a blocked thread, since what it waits for would then be polled on top of it.
const DEEP_PATIENCE: usize = 1000;

/// On top of a run's poll, or of its work on another thread: what we polled there at random
/// could block on that run. Subscribed like any caller, we are told besides of every push that
/// concerns what we wait for, since links are drained by others.
pub(super) struct OnTop {
    pub(super) set: Set,
    pub(super) slot: usize,
    pub(super) invitations: Vec<(Set, usize)>,
}

/// Our waker in other sets, for the duration of one poll of our run.
pub(super) struct Guest {
    pub(super) poll: usize,
    pub(super) tries: usize,
    /// That of the poll.
    waker: Waker,
    /// An earlier poll of our run returned with us waiting on that waker's behalf: it is a
    /// combinator's, and no thread is blocked on us.
    pub(super) returns: bool,
    /// Our places among the guests of our run.
    places: Vec<usize>,
}

impl OnTop {
    pub(super) fn listen(&mut self, target: &Arc<Flight>, caller: Caller<'_>) {
        self.withdraw();
        self.set.arm(self.slot, caller);
        let queued = drive::listen(target, |set| {
            // Where a job drives, subscribers are told of nothing: it may be beneath us.
            let subscribes = Arc::ptr_eq(&set, &self.set) && !set.has_job();
            let guest = set.invite(ready::Guest::on_top(caller.to_notify(), subscribes));
            self.invitations.push((set, guest));
        });
        if queued {
            caller.to_notify().ring();
        }
    }

    pub(super) fn withdraw(&mut self) {
        for (set, guest) in self.invitations.drain(..) {
            set.dismiss(guest);
        }
    }

    pub(super) fn leave(&mut self) {
        self.withdraw();
        self.set.unsubscribe(self.slot);
    }
}

impl Guest {
    pub(super) fn new(poll: usize, waker: &Waker) -> Self {
        Self {
            poll,
            tries: 0,
            waker: waker.clone(),
            returns: false,
            places: Vec::new(),
        }
    }

    /// In that poll of our run. Takes back what is out of date.
    pub(super) fn again(&mut self, run: &Arc<Flight>, waker: &Waker) {
        let poll = run.polls();
        if self.poll == poll {
            self.leave(run);
        }
        if !waker.will_wake(&self.waker) {
            *self = Self::new(poll, waker);
        } else if self.poll != poll {
            self.poll = poll;
            self.returns = true;
            self.places.clear();
        }
    }

    pub(super) fn is_blocked(&self, deep: bool) -> bool {
        self.tries >= if deep { DEEP_PATIENCE } else { PATIENCE }
    }

    /// Our waker is told of every push that concerns what our target waits for; at once, if
    /// some of that is queued already. (A link between sets may have been told before, and
    /// is then silent until those who drain, who may be below us on this stack, come to it.)
    pub(super) fn enter(&mut self, run: &Arc<Flight>, target: &Arc<Flight>, caller: Caller<'_>) {
        let queued = drive::listen(target, |set| {
            let guest = set.invite(ready::Guest::of(run, caller.to_notify()));
            self.places.push(run.invited(set, guest));
        });
        if queued {
            caller.to_notify().ring();
        }
    }

    pub(super) fn leave(&mut self, run: &Arc<Flight>) {
        for place in self.places.drain(..) {
            run.dismiss(place);
        }
    }
}
