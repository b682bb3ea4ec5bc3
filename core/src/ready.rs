//! Ready sets: queues of woken runs, and who is to be told of them.
//!
//! A set knows nothing of runs but that they can be queued. The invariants R and L
//! of `PROTOCOL.md` are kept here.
mod drainers;
mod links;
mod subscribers;
#[cfg(test)]
mod tests;

use crate::executor::Host;
use crate::guard::drop_quietly;
use crate::notify::{Notify, Told};
use crate::slots::{Queue, Slots};
use crate::sync::{Arc, Lock, Weak};
use alloc::boxed::Box;
use alloc::vec::Vec;
use drainers::JobState;
use links::Links;
use subscribers::{Subscriber, Who};

pub(crate) use drainers::{Armed, Drainer, Lost};
pub(crate) use subscribers::Subscribed;

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
    queue: Queue<Item<R>>,
    subscribers: Slots<Subscriber<R>>,
    /// Slots of those to be told; each at most once, some out of date.
    armed: Queue<usize>,
    links: Links,
    /// Boxed, since they are rare.
    guests: Option<Box<Slots<Guest>>>,
    job: Option<JobState>,
    /// A job was lost: callers are subscribed from now on, whatever jobs come.
    lost: bool,
}

/// A waker that may belong to a thread that is blocked.
pub(crate) struct Guest {
    notify: Option<Notify>,
    /// The address of the run in whose poll it is, if it is in one.
    run: usize,
    /// It is told of pushes as a subscriber.
    subscribes: bool,
}

impl Guest {
    /// In that run's poll.
    pub(crate) fn of<R>(run: &Arc<R>, notify: Notify) -> Self {
        Self {
            notify: Some(notify),
            run: Arc::as_ptr(run).addr(),
            subscribes: false,
        }
    }

    /// In the poll of no run that waits for it. `subscribes`: it is told of pushes besides.
    pub(crate) fn on_top(notify: Notify, subscribes: bool) -> Self {
        Self {
            notify: Some(notify),
            run: 0,
            subscribes,
        }
    }
}

impl<R> ReadySet<R> {
    pub(crate) fn new(host: Host) -> Arc<Self> {
        Arc::new(Self {
            host,
            inner: Lock::new(Inner {
                queue: Queue::new(),
                subscribers: Slots::new(),
                armed: Queue::new(),
                links: Links::new(),
                guests: None,
                job: None,
                lost: false,
            }),
        })
    }

    /// Queues something and tells all who are to be told, here and along links.
    pub(crate) fn push(this: &Arc<Self>, item: Item<R>) {
        let mut told = Told::default();
        let mut work = Vec::new();
        Self::push_one(this, item, &mut told, &mut work);
        while let Some((set, item)) = work.pop() {
            Self::push_one(&set, item, &mut told, &mut work);
        }
        told.ring();
    }

    fn push_one(this: &Arc<Self>, item: Item<R>, told: &mut Told, work: &mut Vec<Push<R>>) {
        this.inner.with(|inner| {
            inner.queue.push(item);
            inner.tell(this, told, work);
        });
    }

    /// Tells those who are to be told, if there is something.
    fn tell(this: &Arc<Self>) {
        let mut told = Told::default();
        let mut work = Vec::new();
        this.inner.with(|inner| {
            if !inner.queue.is_empty() {
                inner.tell(this, &mut told, &mut work);
            }
        });
        while let Some((set, item)) = work.pop() {
            Self::push_one(&set, item, &mut told, &mut work);
        }
        told.ring();
    }

    /// A waker that may belong to a thread that is blocked inside a run's poll: it is told
    /// of the next push, whoever drives.
    pub(crate) fn invite(&self, guest: Guest) -> usize {
        self.inner.with(|inner| {
            let guests = &mut inner.guests;
            guests
                .get_or_insert_with(|| Box::new(Slots::new()))
                .insert(guest)
        })
    }

    /// A run of ours comes to wait for what may be queued long since: the guests of others, who
    /// may wait for that run, have to look again.
    pub(crate) fn tell_guests(&self, run: &Arc<R>) {
        let run = Arc::as_ptr(run).addr();
        let mut told = Told::default();
        self.inner
            .with(|inner| inner.tell_guests(&mut told, |guest| guest.run != run));
        told.ring();
    }

    pub(crate) fn dismiss(&self, guest: usize) {
        let gone = self
            .inner
            .with(|inner| inner.guests.as_mut()?.remove(guest));
        drop_quietly(gone);
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

    fn tell_guests(&mut self, told: &mut Told, which: impl Fn(&Guest) -> bool) {
        let Some(guests) = &mut self.guests else {
            return;
        };
        let guests = guests.iter_mut().map(|(_, guest)| guest);
        let guests = guests.filter(|guest| which(guest));
        guests.for_each(|guest| told.extend(guest.notify.take()));
    }

    fn tell(&mut self, me: &Arc<ReadySet<R>>, told: &mut Told, work: &mut Vec<Push<R>>) {
        self.tell_guests(told, |guest| !guest.subscribes);
        if let Some(job) = &mut self.job {
            if !job.draining {
                told.extend(job.waker.take().map(Notify::Waker));
            }
            return;
        }
        let subscribers = &mut self.subscribers;
        self.armed.take_each(|slot| {
            let Some(subscriber) = subscribers.get_mut(slot) else {
                return;
            };
            subscriber.listed = false;
            if !subscriber.is_armed() {
                return;
            }
            match &mut subscriber.who {
                Who::Caller { notify, .. } => told.extend(notify.take()),
                Who::Link { into, told, .. } => {
                    *told = true;
                    work.push((into.clone(), Item::Link(Arc::downgrade(me), slot)));
                }
                Who::Driven(_) | Who::Keeper(_) => {}
            }
        });
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
        self.armed.take_each(drop);
        for (slot, subscriber) in self.subscribers.iter_mut() {
            if subscriber.listed {
                self.armed.push(slot);
            }
        }
    }
}
