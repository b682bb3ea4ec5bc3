//! Ready sets: queues of woken runs, and who is to be told of them.
//!
//! A set knows nothing of runs but that they can be queued. The invariants R and L
//! of `PROTOCOL.md` are kept here.
use crate::executor::Host;
use crate::notify::{Caller, Notify, Told};
use crate::slots::Slots;
use crate::sync::{Arc, Lock, Weak};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::task::Waker;
use hashbrown::HashMap;

pub(crate) enum Item<R> {
    Run(Arc<R>),
    /// That set, in which a run of ours waits, has something; the slot is the
    /// subscription of this link there. Weak, since two sets may be linked both ways.
    Link(Weak<ReadySet<R>>, usize),
}

pub(crate) struct ReadySet<R> {
    pub(crate) host: Host,
    inner: Lock<Inner<R>>,
}

struct Inner<R> {
    queue: VecDeque<Item<R>>,
    subscribers: Slots<Subscriber<R>>,
    /// Slots of those to be told; each at most once, some out of date.
    armed: Vec<usize>,
    /// The slot of the link into a set, by the set's address.
    links: HashMap<usize, usize>,
    guests: Slots<Option<Notify>>,
    job: Option<JobState>,
}

struct Subscriber<R> {
    who: Who<R>,
    /// Its slot is in `armed`.
    listed: bool,
}

enum Who<R> {
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
    /// The executor's interest in a run that nobody else waits for.
    Keeper(Arc<R>),
}

#[derive(Default)]
struct JobState {
    waker: Option<Waker>,
    draining: bool,
}

/// Who pops.
#[derive(Clone, Copy)]
pub(crate) enum Drainer {
    Caller(usize),
    Job,
}

#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Armed {
    /// Something is there: drain.
    Drain,
    /// It will be told.
    Sleep,
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

    fn is_armed(&self) -> bool {
        match &self.who {
            Who::Caller { notify, draining } => notify.is_some() && !draining,
            Who::Link { told, .. } => !told,
            Who::Keeper(_) => false,
        }
    }
}

impl<R> ReadySet<R> {
    pub(crate) fn new(host: Host) -> Arc<Self> {
        Arc::new(Self {
            host,
            inner: Lock::new(Inner {
                queue: VecDeque::new(),
                subscribers: Slots::new(),
                armed: Vec::new(),
                links: HashMap::new(),
                guests: Slots::new(),
                job: None,
            }),
        })
    }

    /// Queues something and tells all who are to be told, here and along links.
    pub(crate) fn push(self: &Arc<Self>, item: Item<R>) {
        let mut told = Told::default();
        let mut work = Vec::new();
        self.push_one(item, &mut told, &mut work);
        while let Some((set, item)) = work.pop() {
            set.push_one(item, &mut told, &mut work);
        }
        told.ring();
    }

    fn push_one(self: &Arc<Self>, item: Item<R>, told: &mut Told, work: &mut Vec<Push<R>>) {
        self.inner.with(|inner| {
            inner.queue.push_back(item);
            inner.tell(self, told, work);
        });
    }

    /// Tells those who are to be told, if there is something.
    fn tell(self: &Arc<Self>) {
        let mut told = Told::default();
        let mut work = Vec::new();
        self.inner.with(|inner| {
            if !inner.queue.is_empty() {
                inner.tell(self, &mut told, &mut work);
            }
        });
        while let Some((set, item)) = work.pop() {
            set.push_one(item, &mut told, &mut work);
        }
        told.ring();
    }

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

    fn insert(&self, who: Who<R>, job: bool) -> Subscribed {
        let job = job && self.host.executor.is_some();
        self.inner.with(|inner| {
            let slot = inner.subscribers.insert(Subscriber::new(who));
            inner.promise(job, slot)
        })
    }

    /// One run more of set `into` waits for a run of this one: there is one link for all
    /// of them.
    pub(crate) fn link(self: &Arc<Self>, into: &Arc<Self>, job: bool) -> Subscribed {
        let job = job && self.host.executor.is_some();
        let (subscribed, told) = self.inner.with(|inner| {
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
            into.push(Item::Link(Arc::downgrade(self), slot));
        }
        subscribed
    }

    pub(crate) fn unsubscribe(&self, slot: usize) {
        let (gone, job) = self.inner.with(|inner| {
            if inner.is_still_linked(slot) {
                return (None, None);
            }
            let gone = inner.subscribers.remove(slot);
            inner.compact();
            let over = inner.subscribers.is_empty();
            let job = inner.job.as_mut().filter(|_| over);
            (gone, job.and_then(|job| job.waker.take()))
        });
        drop(gone);
        ring(job.map(Notify::Waker));
    }

    /// A waker that may belong to a thread that is blocked inside a run's poll: it is told
    /// of the next push, whoever drives.
    pub(crate) fn invite(&self, guest: Notify) -> usize {
        self.inner.with(|inner| inner.guests.insert(Some(guest)))
    }

    /// Has a job that was woken, or was not polled yet: it will come to what is queued.
    pub(crate) fn job_is_coming(&self) -> bool {
        self.inner
            .with(|inner| inner.job.as_ref().is_some_and(|job| !job.draining))
    }

    pub(crate) fn dismiss(&self, guest: usize) {
        let gone = self.inner.with(|inner| inner.guests.remove(guest));
        drop(gone);
    }

    /// Makes sure that a subscribed caller will be told of what comes, or may drain
    /// what is there.
    pub(crate) fn arm(&self, slot: usize, caller: Caller<'_>) -> Armed {
        let mut fresh = None;
        loop {
            let done = self.inner.with(|inner| inner.arm(slot, caller, &mut fresh));
            match done {
                Some((armed, stale)) => {
                    drop(stale);
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
        let (over, _stale) = self.inner.with(|inner| inner.arm_job(fresh));
        over.is_none()
    }

    /// The next thing to do. Nothing there: the drainer is armed, and is done.
    pub(crate) fn pop(&self, who: Drainer) -> Option<Item<R>> {
        self.inner.with(|inner| {
            let item = inner.queue.pop_front();
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
            inner.queue.pop_front()
        })
    }

    /// A drainer gives a link back: is it to be queued again, and marked told?
    pub(crate) fn retell(&self, slot: usize) -> bool {
        self.inner.with(|inner| {
            let busy = inner.busy() == Armed::Drain;
            match inner.who(slot) {
                Some(Who::Link { told, .. }) => busy && !core::mem::replace(told, busy || *told),
                _ => false,
            }
        })
    }

    /// The drainer stops before it saw the queue empty: it tells itself.
    pub(crate) fn stop(&self, who: Drainer) {
        let notify = self.inner.with(|inner| inner.stop(who));
        ring(notify);
    }

    /// The executor let go of its job: the callers drive again. The runs that only
    /// the executor was interested in are returned.
    #[must_use]
    pub(crate) fn job_lost(self: &Arc<Self>) -> Vec<Arc<R>> {
        let (job, keepers) = self.inner.with(|inner| {
            let job = inner.job.take();
            let keepers = inner.keepers();
            inner.compact();
            (job, keepers)
        });
        drop(job);
        self.tell();
        let run = |keeper: Subscriber<R>| match keeper.who {
            Who::Keeper(run) => Some(run),
            _ => None,
        };
        keepers.into_iter().filter_map(run).collect()
    }
}

type Push<R> = (Arc<ReadySet<R>>, Item<R>);

fn ring(notify: Option<Notify>) {
    let mut told = Told::default();
    told.extend(notify);
    told.ring();
}

impl<R> Inner<R> {
    fn who(&mut self, slot: usize) -> Option<&mut Who<R>> {
        self.subscribers.get_mut(slot).map(|s| &mut s.who)
    }

    fn busy(&self) -> Armed {
        if self.queue.is_empty() {
            Armed::Sleep
        } else {
            Armed::Drain
        }
    }

    /// Counts one wait more on the link into that set, if there is one.
    fn linked(&mut self, into: &Arc<ReadySet<R>>) -> Option<usize> {
        let slot = *self.links.get(&Arc::as_ptr(into).addr())?;
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
        let _ = self.links.insert(address, slot);
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
            let _ = self.links.remove(&address);
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

    fn tell(&mut self, me: &Arc<ReadySet<R>>, told: &mut Told, work: &mut Vec<Push<R>>) {
        for (_, guest) in self.guests.iter_mut() {
            told.extend(guest.take());
        }
        if let Some(job) = &mut self.job {
            if !job.draining {
                told.extend(job.waker.take().map(Notify::Waker));
            }
            return;
        }
        for slot in self.armed.drain(..) {
            let Some(subscriber) = self.subscribers.get_mut(slot) else {
                continue;
            };
            subscriber.listed = false;
            if !subscriber.is_armed() {
                continue;
            }
            match &mut subscriber.who {
                Who::Caller { notify, .. } => told.extend(notify.take()),
                Who::Link { into, told, .. } => {
                    *told = true;
                    work.push((into.clone(), Item::Link(Arc::downgrade(me), slot)));
                }
                Who::Keeper(_) => {}
            }
        }
    }

    /// Sees to it that an armed subscriber is in the list of those to be told.
    fn list(&mut self, slot: usize) {
        let Some(subscriber) = self.subscribers.get_mut(slot) else {
            return;
        };
        if subscriber.is_armed() && !core::mem::replace(&mut subscriber.listed, true) {
            self.armed.push(slot);
        }
    }

    /// Keeps the list of the armed as short as the subscribers are many.
    fn compact(&mut self) {
        if self.armed.len() <= 2 * self.subscribers.len() + 8 {
            return;
        }
        self.armed.clear();
        for (slot, subscriber) in self.subscribers.iter_mut() {
            if subscriber.listed {
                self.armed.push(slot);
            }
        }
    }

    /// `None`: come back with a fresh notify, made without the lock.
    fn arm(
        &mut self,
        slot: usize,
        caller: Caller<'_>,
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
        *draining = busy == Armed::Drain && !job;
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

    fn keepers(&mut self) -> Vec<Subscriber<R>> {
        let is_keeper = |who: &Who<R>| matches!(who, Who::Keeper(_));
        let slots: Vec<usize> = (self.subscribers.iter_mut())
            .filter_map(|(slot, s)| is_keeper(&s.who).then_some(slot))
            .collect();
        let remove = |slot| self.subscribers.remove(slot);
        slots.into_iter().filter_map(remove).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::Limits;

    fn set() -> Arc<ReadySet<u8>> {
        let limits = Limits {
            depth: 1,
            budget: 1,
        };
        ReadySet::new(Host {
            executor: None,
            limits,
        })
    }

    fn link(from: &Arc<ReadySet<u8>>, into: &Arc<ReadySet<u8>>) -> usize {
        match from.link(into, true) {
            Subscribed::As(slot) => slot,
            Subscribed::Spawn(_) => panic!("there is no executor"),
        }
    }

    fn run() -> Item<u8> {
        Item::Run(Arc::new(0))
    }

    fn queued(set: &ReadySet<u8>) -> usize {
        set.inner.with(|inner| inner.queue.len())
    }

    /// Many runs of one set wait for many of another: one wake is one item there.
    #[test]
    fn one_link_for_all_waits_of_a_set_on_another() {
        let (from, into) = (set(), set());
        let slots: Vec<usize> = (0..1000).map(|_| link(&from, &into)).collect();
        from.push(run());
        assert_eq!(queued(&into), 1);
        for slot in &slots[1..] {
            from.unsubscribe(*slot);
        }
        let Some(Item::Link(_, slot)) = into.pop(Drainer::Caller(9)) else {
            panic!("it is a link");
        };
        assert!(from.pop_link(slot).is_some());
        from.push(run());
        assert_eq!(queued(&into), 1, "one wait is left");
        from.unsubscribe(slots[0]);
        let _ = into.pop(Drainer::Caller(9));
        from.push(run());
        assert_eq!(queued(&into), 0, "none is left");
    }

    /// Invariant L: told exactly while its item is in the queue it leads to.
    #[test]
    fn link_is_armed_again_by_the_first_pop() {
        let (from, into) = (set(), set());
        let _ = link(&from, &into);
        from.push(run());
        from.push(run());
        assert_eq!(queued(&into), 1, "told once");
        let Some(Item::Link(_, slot)) = into.pop(Drainer::Caller(9)) else {
            panic!("it is a link");
        };
        assert!(from.pop_link(slot).is_some());
        from.push(run());
        assert_eq!(queued(&into), 1, "told again while it is drained");
    }

    /// Two sets that wait for each other hold each other only as long as they do.
    #[test]
    fn sets_linked_both_ways_are_let_go() {
        let (one, other) = (set(), set());
        let (ours, theirs) = (link(&one, &other), link(&other, &one));
        one.push(run());
        one.unsubscribe(ours);
        other.unsubscribe(theirs);
        assert_eq!((Arc::strong_count(&one), Arc::strong_count(&other)), (1, 1));
    }
}
