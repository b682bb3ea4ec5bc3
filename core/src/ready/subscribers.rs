//! Who is to be told of what is ready: callers, links into other sets, and the executor
//! for what nobody else waits for.
use super::drainers::JobState;
use super::{Inner, Item, ReadySet, ring};
use crate::guard::drop_quietly;
use crate::notify::Notify;
use crate::sync::Arc;
use alloc::vec::Vec;

pub(super) struct Subscriber<R> {
    pub(super) who: Who<R>,
    /// Its slot is in `armed`.
    pub(super) listed: bool,
}

pub(super) enum Who<R> {
    /// `None`: told, or not armed yet.
    Caller {
        notify: Option<Notify>,
        draining: bool,
    },
    /// So many runs of that set wait for one of ours.
    Link {
        into: Arc<ReadySet<R>>,
        waits: usize,
        told: bool,
    },
    /// A run whose callers are told of its end, and of no push: the job drives it.
    Driven(Arc<R>),
    /// The executor's interest in a run that nobody else waits for.
    Keeper(Arc<R>),
}

#[must_use]
pub(crate) enum Subscribed {
    /// A job was promised: spawn it now.
    Spawn(usize),
    As(usize),
}

impl<R> Subscriber<R> {
    fn new(who: Who<R>) -> Self {
        Self { who, listed: false }
    }

    pub(super) fn is_armed(&self) -> bool {
        match &self.who {
            Who::Caller { notify, draining } => notify.is_some() && !draining,
            Who::Link { told, .. } => !told,
            Who::Driven(_) | Who::Keeper(_) => false,
        }
    }
}

impl<R> ReadySet<R> {
    /// An outside caller, which must drain right after this. `job`: let an executor
    /// drive from now on, if there is one.
    pub(crate) fn subscribe(&self, job: bool) -> Subscribed {
        self.insert(
            Who::Caller {
                notify: None,
                draining: false,
            },
            job,
        )
    }

    /// The executor takes an interest in a run of this set.
    pub(crate) fn keep(&self, run: Arc<R>) -> Subscribed {
        self.insert(Who::Keeper(run), true)
    }

    /// The callers of a run of this set rely on its job. `promise`: there is one from now on.
    /// `None`: there is none, or one was lost before.
    pub(crate) fn drive(&self, run: &Arc<R>, promise: bool) -> Option<Subscribed> {
        self.inner.with(|inner| {
            if inner.lost || !(promise || inner.job.is_some()) {
                return None;
            }
            let who = Subscriber::new(Who::Driven(run.clone()));
            let slot = inner.subscribers.insert(who);
            Some(inner.promise(true, slot))
        })
    }

    /// They do not any more.
    pub(crate) fn undrive(&self, slot: usize) {
        self.remove(|inner| {
            // The slot may be another's: with its job a set forgot whom that drove.
            matches!(inner.who(slot), Some(Who::Driven(_))).then_some(slot)
        });
    }

    fn insert(&self, who: Who<R>, job: bool) -> Subscribed {
        let job = job && self.host.executor.is_some();
        self.inner.with(|inner| {
            let slot = inner.subscribers.insert(Subscriber::new(who));
            inner.promise(job, slot)
        })
    }

    /// One run more of set `into` waits for a run of this one: there is one link for all
    /// of them.
    pub(crate) fn link(this: &Arc<Self>, into: &Arc<Self>, job: bool) -> Subscribed {
        let job = job && this.host.executor.is_some();
        let (subscribed, told) = this.inner.with(|inner| {
            if let Some(slot) = inner.linked(into) {
                return (inner.promise(job, slot), None);
            }
            let slot = inner.insert_link(into.clone());
            let subscribed = inner.promise(job, slot);
            let busy = inner.job.is_none() && !inner.queue.is_empty();
            if !busy {
                inner.list(slot);
            } else if let Some(Who::Link { told, .. }) = inner.who(slot) {
                *told = true;
            }
            (subscribed, busy.then_some(slot))
        });
        if let Some(slot) = told {
            Self::push(into, Item::Link(Arc::downgrade(this), slot));
        }
        subscribed
    }

    pub(crate) fn unsubscribe(&self, slot: usize) {
        self.remove(|inner| (!inner.is_still_linked(slot)).then_some(slot));
    }

    fn remove(&self, which: impl FnOnce(&mut Inner<R>) -> Option<usize>) {
        let (gone, job) = self.inner.with(|inner| {
            let Some(slot) = which(inner) else {
                return (None, None);
            };
            let gone = inner.subscribers.remove(slot);
            inner.compact();
            let over = inner.subscribers.is_empty();
            let job = inner.job.as_mut().filter(|_| over);
            (gone, job.and_then(|job| job.waker.take()))
        });
        drop_quietly(gone);
        ring(job.map(Notify::Waker));
    }
}

impl<R> Inner<R> {
    /// Counts one wait more on the link into that set, if there is one.
    fn linked(&mut self, into: &Arc<ReadySet<R>>) -> Option<usize> {
        let slot = self.links.get(Arc::as_ptr(into).addr())?;
        match self.who(slot)? {
            Who::Link { waits, .. } => *waits += 1,
            _ => unreachable!("its slot is the link's as long as it is listed"),
        }
        Some(slot)
    }

    fn insert_link(&mut self, into: Arc<ReadySet<R>>) -> usize {
        let address = Arc::as_ptr(&into).addr();
        let who = Who::Link {
            into,
            waits: 1,
            told: false,
        };
        let slot = self.subscribers.insert(Subscriber::new(who));
        self.links.insert(address, slot);
        slot
    }

    /// One wait less on a link. `false`: it was the last one, or it is no link.
    fn is_still_linked(&mut self, slot: usize) -> bool {
        let Some(Who::Link { into, waits, .. }) = self.who(slot) else {
            return false;
        };
        *waits -= 1;
        let (left, address) = (*waits, Arc::as_ptr(into).addr());
        if left == 0 {
            self.links.remove(address);
        }
        left > 0
    }

    fn promise(&mut self, job: bool, slot: usize) -> Subscribed {
        if job && self.job.is_none() {
            self.job = Some(JobState::default());
            return Subscribed::Spawn(slot);
        }
        Subscribed::As(slot)
    }

    /// Takes out the runs whose callers rely on the job.
    pub(super) fn take_driven(&mut self) -> Vec<Arc<R>> {
        let driven = |(slot, subscriber): (usize, &mut Subscriber<R>)| {
            matches!(subscriber.who, Who::Driven(_)).then_some(slot)
        };
        let slots: Vec<_> = self.subscribers.iter_mut().filter_map(driven).collect();
        let run = |slot| match self.subscribers.remove(slot)?.who {
            Who::Driven(run) => Some(run),
            _ => None,
        };
        slots.into_iter().filter_map(run).collect()
    }

    /// The runs that only the executor is interested in.
    pub(super) fn kept(&mut self) -> Vec<Arc<R>> {
        let run = |(_, subscriber): (usize, &mut Subscriber<R>)| match &subscriber.who {
            Who::Keeper(run) => Some(run.clone()),
            _ => None,
        };
        self.subscribers.iter_mut().filter_map(run).collect()
    }
}
