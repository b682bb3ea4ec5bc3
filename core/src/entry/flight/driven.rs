//! Whether an executor's job drives a run: then its callers are told of its end, and need not
//! hear of what is queued.
use super::{Body, Flight, Inner};
use crate::notify::Told;
use crate::ready::ReadySet;
use crate::state::{Release, Wake};
use crate::sync::Arc;

/// Who drives a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Driver {
    /// Whoever is subscribed to its set.
    Subscribers,
    /// A job will: somebody sees to that, or says that it is not so.
    Promised,
    /// That of its set, where this is the run's slot.
    Job(usize),
}

impl Flight {
    /// Puts the future of a fresh run into it: it waits to be polled. The set that it has got.
    pub(crate) fn put_by(&self, body: Body) -> (Release, Option<Arc<ReadySet<Self>>>) {
        self.inner.with(|inner| {
            let wake = inner.state.wake();
            debug_assert_eq!(wake, Wake::Nothing);
            inner.body = Some(body);
            (inner.state.release(), inner.set.clone())
        })
    }

    /// `true`: whoever calls this has to see to it that a job drives it.
    pub(crate) fn promise_job(&self) -> bool {
        self.inner.with(|inner| {
            let first = inner.driver == Driver::Subscribers && !inner.state.is_over();
            if first {
                inner.driver = Driver::Promised;
            }
            first
        })
    }

    /// The promise is kept. `false`: it is over, or that job is lost.
    pub(crate) fn driven_by(&self, slot: usize) -> bool {
        self.inner.with(|inner| {
            // The end takes a promise away.
            let promised = inner.driver == Driver::Promised;
            if promised {
                inner.driver = Driver::Job(slot);
            }
            promised
        })
    }

    /// No job drives it: its callers have to subscribe. They are to be told.
    pub(crate) fn undriven(&self) -> Told {
        self.inner.with(|inner| {
            inner.driver = Driver::Subscribers;
            inner.tell_all()
        })
    }
}

impl Inner {
    /// All who wait for it.
    pub(super) fn tell_all(&mut self) -> Told {
        let mut told = Told::default();
        told.reserve(self.waiters.len());
        for (_, waiter) in self.waiters.iter_mut() {
            told.extend(waiter.notify.take());
        }
        told
    }

    /// The slot of its job, to be taken back.
    pub(super) fn take_driver(&mut self) -> Option<usize> {
        self.apart = false;
        match core::mem::replace(&mut self.driver, Driver::Subscribers) {
            Driver::Job(slot) => Some(slot),
            Driver::Subscribers | Driver::Promised => None,
        }
    }
}
