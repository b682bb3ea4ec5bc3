//! Counts what is alive, so that a page can show it and a test can wait for it.
use std::sync::Arc;
use tokio::sync::watch;

#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(crate) struct Counts {
    /// Contexts of requests.
    pub(crate) contexts: usize,
    /// Queries that are running, each with a connection.
    pub(crate) queries: usize,
    /// Parts of slow pages that are being worked on.
    pub(crate) parts: usize,
    /// How many of those were begun so far, and how many finished.
    pub(crate) begun: usize,
    pub(crate) finished: usize,
}

#[derive(Clone, Default)]
pub(crate) struct Alive(Arc<watch::Sender<Counts>>);

/// One that is alive, until it is dropped.
#[must_use = "it counts as long as it is held"]
pub(crate) struct Guard(Alive, Count);

type Count = fn(&mut Counts) -> &mut usize;

impl Alive {
    pub(crate) fn enter(&self, count: Count) -> Guard {
        self.add(count);
        Guard(self.clone(), count)
    }

    pub(crate) fn add(&self, count: Count) {
        self.0.send_modify(|counts| *count(counts) += 1);
    }

    pub(crate) fn now(&self) -> Counts {
        *self.0.borrow()
    }

    #[cfg(test)]
    pub(crate) fn watch(&self) -> watch::Receiver<Counts> {
        self.0.subscribe()
    }
}

impl Counts {
    /// Slow parts that were dropped before they were done: their clients hung up, or their time
    /// was up.
    pub(crate) fn dropped(self) -> usize {
        self.begun - self.finished - self.parts
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.send_modify(|counts| *self.1(counts) -= 1);
    }
}
