//! Those who pop: a caller in its poll, or the executor's job.
use super::subscribers::Who;
use super::{Inner, Item, ReadySet, ring};
use crate::guard::drop_quietly;
use crate::notify::{Caller, Notify};
use crate::sync::Arc;
use alloc::vec::Vec;
use core::task::Waker;

#[derive(Default)]
pub(super) struct JobState {
    pub(super) waker: Option<Waker>,
    pub(super) draining: bool,
}

/// Who pops.
#[derive(Clone, Copy)]
pub(crate) enum Drainer {
    Caller(usize),
    Job,
}

/// What a job that is lost leaves behind.
#[must_use]
pub(crate) struct Lost<R> {
    /// Runs whose callers relied on it.
    pub(crate) driven: Vec<Arc<R>>,
    /// Runs that only the executor was interested in.
    pub(crate) kept: Vec<Arc<R>>,
}

#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Armed {
    /// Something is there: drain.
    Drain,
    /// It will be told.
    Sleep,
}

impl<R> ReadySet<R> {
    pub(crate) fn has_job(&self) -> bool {
        self.inner.with(|inner| inner.job.is_some())
    }

    /// The same, and it has lost none: callers may rely on it.
    pub(crate) fn is_relied_on(&self) -> bool {
        self.inner.with(|inner| inner.job.is_some() && !inner.lost)
    }

    /// Makes sure that a subscribed caller will be told of what comes, or drains what is
    /// there.
    pub(crate) fn arm_to_drain(&self, slot: usize, caller: Caller<'_>) -> Armed {
        self.arm_or_drain(slot, caller, true)
    }

    /// Makes sure that a subscribed caller will be told of what comes.
    pub(crate) fn arm(&self, slot: usize, caller: Caller<'_>) {
        let _ = self.arm_or_drain(slot, caller, false);
    }

    fn arm_or_drain(&self, slot: usize, caller: Caller<'_>, drains: bool) -> Armed {
        let mut fresh = None;
        loop {
            let arm = |inner: &mut Inner<R>| inner.arm(slot, caller, drains, &mut fresh);
            let done = self.inner.with(arm);
            match done {
                Some((armed, stale)) => {
                    drop_quietly(stale);
                    return armed;
                }
                None => fresh = Some(caller.to_notify()),
            }
        }
    }

    /// For the job, which must drain right after this. `false`: nobody is interested
    /// any more, the job is over.
    pub(crate) fn arm_job(&self, waker: &Waker) -> bool {
        let fresh = waker.clone();
        // Both are foreign, and dropped without the lock.
        let (over, stale) = self.inner.with(|inner| inner.arm_job(fresh));
        drop_quietly(stale);
        let is_over = over.is_some();
        drop_quietly(over);
        !is_over
    }

    /// The next thing to do. Nothing there: the drainer is armed, and is done.
    pub(crate) fn pop(&self, who: Drainer) -> Option<Item<R>> {
        self.inner.with(|inner| {
            let item = inner.queue.pop();
            if item.is_none() {
                inner.rest(who);
            }
            item
        })
    }

    /// The next thing to do in a linked set. The link is armed again from now on: what we
    /// poll may block, and somebody else has to hear of what comes meanwhile.
    pub(crate) fn pop_link(&self, slot: usize) -> Option<Item<R>> {
        self.inner.with(|inner| {
            // The slot may belong to another link by now: it is told once more.
            if let Some(Who::Link { told, .. }) = inner.who(slot) {
                *told = false;
                inner.list(slot);
            }
            inner.queue.pop()
        })
    }

    /// A drainer gives a link back to the set where it was found: is it to be queued there
    /// again, and marked told? Not if its slot is another's by now, which leads elsewhere.
    pub(crate) fn retell(&self, slot: usize, found: &Arc<Self>) -> bool {
        self.inner.with(|inner| {
            let busy = inner.busy() == Armed::Drain;
            match inner.who(slot) {
                Some(Who::Link { into, told, .. }) if Arc::ptr_eq(into, found) => {
                    busy && !core::mem::replace(told, busy || *told)
                }
                _ => false,
            }
        })
    }

    /// The drainer stops: unless the queue is empty, it tells itself.
    pub(crate) fn stop(&self, who: Drainer) {
        let notify = self.inner.with(|inner| inner.stop(who));
        ring(notify);
    }

    /// The executor let go of its job: the callers drive again.
    pub(crate) fn job_lost(this: &Arc<Self>) -> Lost<R> {
        let (job, lost) = this.inner.with(|inner| {
            inner.lost = true;
            let (driven, kept) = (inner.take_driven(), inner.kept());
            (inner.job.take(), Lost { driven, kept })
        });
        drop_quietly(job);
        Self::tell(this);
        lost
    }
}

impl<R> Inner<R> {
    pub(super) fn busy(&self) -> Armed {
        if self.queue.is_empty() {
            Armed::Sleep
        } else {
            Armed::Drain
        }
    }

    /// `None`: come back with a fresh notify, made without the lock.
    fn arm(
        &mut self,
        slot: usize,
        caller: Caller<'_>,
        drains: bool,
        fresh: &mut Option<Notify>,
    ) -> Option<(Armed, Option<Notify>)> {
        let busy = self.busy();
        let job = self.job.is_some();
        let Some(Who::Caller { notify, draining }) = self.who(slot) else {
            unreachable!("a caller's slot is its own while it is subscribed");
        };
        let mut stale = None;
        if !notify.as_ref().is_some_and(|notify| caller.is(notify)) {
            stale = notify.replace(fresh.take()?);
        }
        *draining = drains && busy == Armed::Drain && !job;
        if *draining {
            return Some((Armed::Drain, stale));
        }
        self.list(slot);
        Some((Armed::Sleep, stale))
    }

    /// What is to be dropped: the state of a job that is over, a waker that is stale.
    fn arm_job(&mut self, fresh: Waker) -> (Option<JobState>, Option<Waker>) {
        let idle = self.subscribers.is_empty();
        let Some(job) = self.job.as_mut().filter(|_| !idle) else {
            return (Some(self.job.take().unwrap_or_default()), Some(fresh));
        };
        job.draining = true;
        (None, job.waker.replace(fresh))
    }

    /// The drainer saw the queue empty.
    fn rest(&mut self, who: Drainer) {
        match who {
            Drainer::Job => {
                if let Some(job) = &mut self.job {
                    job.draining = false;
                }
            }
            Drainer::Caller(slot) => {
                if let Some(Who::Caller { draining, .. }) = self.who(slot) {
                    *draining = false;
                    self.list(slot);
                }
            }
        }
    }

    fn stop(&mut self, who: Drainer) -> Option<Notify> {
        if self.queue.is_empty() {
            self.rest(who);
            return None;
        }
        match who {
            Drainer::Job => {
                let job = self.job.as_mut()?;
                job.draining = false;
                job.waker.take().map(Notify::Waker)
            }
            Drainer::Caller(slot) => match self.who(slot)? {
                Who::Caller { notify, draining } => {
                    *draining = false;
                    notify.take()
                }
                _ => None,
            },
        }
    }
}
