//! Who is interested in a run: its callers, the executor, and guests during a poll.
use super::driven::Driver;
use super::{Flight, Inner, Keeper};
use crate::guard::drop_quietly;
use crate::notify::{Caller, Notify, Told};
use crate::ready::ReadySet;
use crate::state::{Join, Kill, Leave, Phase, Pin};
use crate::sync::Arc;

/// Somebody who is interested in a run. `run` is an edge of the graph, upward.
pub(super) struct Waiter {
    pub(super) notify: Option<Notify>,
    pub(super) run: Option<Arc<Flight>>,
}

impl Flight {
    /// One caller more, and its slot. `run`: the run that it asks from; `outside`: it asks
    /// from no run, known or not. `Revived`: it is to be [pushed](Self::push) once no lock is
    /// held.
    pub(crate) fn join(&self, run: Option<Arc<Self>>, outside: bool) -> (Join, usize) {
        let waiter = Waiter { notify: None, run };
        let (found, slot, unused) = self.inner.with(|inner| match inner.state.join() {
            found @ (Join::Joined | Join::Revived) => {
                inner.outside |= outside;
                (found, inner.waiters.insert(waiter), None)
            }
            other => (other, 0, Some(waiter)),
        });
        drop_quietly(unused);
        (found, slot)
    }

    /// One caller more, that keeps it from being dropped. `None`: its end has begun.
    pub(crate) fn pin(&self) -> Option<(usize, Pin)> {
        let waiter = Waiter {
            notify: None,
            run: None,
        };
        self.inner.with(|inner| {
            if inner.state.is_ending() {
                return None;
            }
            let pin = inner.state.pin();
            Some((inner.waiters.insert(waiter), pin))
        })
    }

    pub(crate) fn is_pinned(&self) -> bool {
        self.inner.with(|inner| inner.state.is_pinned())
    }

    /// Is nobody else interested, but an executor to which it is lent?
    pub(crate) fn is_only_pinned(&self) -> bool {
        self.inner.with(|inner| {
            let lent = inner.keeper.as_ref().is_some_and(|keeper| keeper.lent);
            inner.state.is_only_pinned(usize::from(lent))
        })
    }

    /// Takes a pin back; with the last one the executor to which the run was lent lets it
    /// go, unless it is to be finished.
    pub(crate) fn unpin(&self, slot: usize, finish: bool) -> (Leave, Option<Keeper>) {
        self.inner.with(|inner| {
            if inner.state.is_over() {
                return (Leave::Nothing, None);
            }
            // No waker was ever put there.
            drop(inner.waiters.remove(slot));
            let left = inner.state.unpin();
            let pinned = inner.state.is_pinned();
            match &mut inner.keeper {
                Some(keeper) if keeper.lent && !pinned => {
                    if inner.finish || (finish && inner.outside) {
                        keeper.lent = false;
                        return (left, None);
                    }
                    (inner.state.let_go(), inner.keeper.take())
                }
                _ => (left, None),
            }
        })
    }

    /// Makes sure that a caller that has joined is woken at the end, and says whether a job
    /// drives the run. `first`: it was not registered before.
    pub(crate) fn register(&self, slot: usize, caller: Caller<'_>, first: bool) -> (Join, bool) {
        let mut fresh = first.then(|| caller.to_notify());
        loop {
            let done = self
                .inner
                .with(|inner| inner.register(slot, caller, &mut fresh));
            match done {
                Some((found, driven, stale)) => {
                    drop_quietly((fresh, stale));
                    return (found, driven);
                }
                None => fresh = Some(caller.to_notify()),
            }
        }
    }

    /// It is to be finished if abandoned, whoever asked for it.
    pub(crate) fn finish_if_abandoned(&self) {
        self.inner.with(|inner| inner.finish = true);
    }

    /// One caller less.
    pub(crate) fn leave(&self, slot: usize, finish: bool) -> Leave {
        let (waiter, leave) = self.inner.with(|inner| {
            if inner.state.is_over() {
                return (None, Leave::Nothing);
            }
            let waiter = inner.waiters.remove(slot);
            let finish = inner.is_finished_if_abandoned(finish);
            (waiter, inner.state.leave(finish))
        });
        drop_quietly(waiter);
        leave
    }

    /// The executor is interested no more, if it was.
    pub(crate) fn let_go(&self) -> Option<(Keeper, Leave)> {
        self.inner.with(|inner| {
            let keeper = inner.keeper.take()?;
            Some((keeper, inner.state.let_go()))
        })
    }

    /// Its end lets the keeper go. Gives it back if the run is over.
    pub(crate) fn keep(&self, keeper: Keeper) -> Option<Keeper> {
        self.inner.with(|inner| {
            if inner.state.is_over() {
                return Some(keeper);
            }
            inner.keeper.replace(keeper)
        })
    }

    /// The context was cancelled. All callers are to be told.
    pub(crate) fn kill(&self) -> (Kill, Told) {
        self.inner.with(|inner| {
            let kill = inner.state.kill();
            match kill {
                Kill::Over => (kill, Told::default()),
                _ => (kill, inner.tell_all()),
            }
        })
    }

    /// Leaves a run to whoever drops our body, if somebody does.
    pub(crate) fn adopt(&self, orphan: Arc<Self>) -> Option<Arc<Self>> {
        self.inner.with(|inner| {
            if inner.state.phase() != Phase::Dropping {
                return Some(orphan);
            }
            inner.orphans.push(orphan);
            None
        })
    }

    /// The number of the poll in progress.
    pub(crate) fn polls(&self) -> usize {
        self.inner.with(|inner| inner.polls)
    }

    /// A guest of another set, until the poll in progress is over.
    pub(crate) fn invited(&self, set: Arc<ReadySet<Self>>, guest: usize) -> usize {
        self.inner.with(|inner| inner.guests.insert((set, guest)))
    }

    pub(crate) fn dismiss(&self, slot: usize) {
        let guest = self.inner.with(|inner| inner.guests.remove(slot));
        if let Some((set, guest)) = guest {
            set.dismiss(guest);
        }
    }
}

impl Inner {
    /// `finish`: its context says so.
    fn is_finished_if_abandoned(&self, finish: bool) -> bool {
        self.finish || (finish && self.outside)
    }

    /// `None`: come back with a fresh notify, made without the lock.
    fn register(
        &mut self,
        slot: usize,
        caller: Caller<'_>,
        fresh: &mut Option<Notify>,
    ) -> Option<(Join, bool, Option<Notify>)> {
        let found = self.state.look();
        if found != Join::Joined {
            return Some((found, false, None));
        }
        let driven = self.driver != Driver::Subscribers;
        let waiter = self
            .waiters
            .get_mut(slot)
            .expect("a caller's slot is its own");
        if waiter
            .notify
            .as_ref()
            .is_some_and(|notify| caller.is(notify))
        {
            return Some((found, driven, None));
        }
        let stale = waiter.notify.replace(fresh.take()?);
        Some((found, driven, stale))
    }
}
