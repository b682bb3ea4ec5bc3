//! (task, input) → entry.
//!
//! A context with few entries keeps them in place: no allocation, and comparing a few
//! hashes is as fast as hashing into a table.
mod books;
#[allow(dead_code)]
mod wheel;

use crate::entry::{Entry, Flight, Node};
use crate::sync::{Arc, Lock};
use alloc::vec::Vec;
use books::Books;
use core::any::TypeId;

pub(crate) struct Table(Lock<Books>);

/// What a caller finds.
pub(crate) enum Lookup {
    Hit(Arc<dyn Node>),
    InFlight(Arc<dyn Node>),
    Vacant,
    /// The context was cancelled.
    Closed,
    /// Its deadline has passed, and nothing is remembered of the call.
    Expired,
}

/// What was in the table when it was closed or cleared.
pub(crate) struct Cleared {
    pub(crate) entries: Vec<Arc<dyn Node>>,
    pub(crate) detached: Vec<Arc<Flight>>,
}

/// What makes a call the same as another.
pub(crate) struct Key<'a, I> {
    pub(crate) hash: u64,
    pub(crate) task: TypeId,
    pub(crate) input: &'a I,
}

impl<I: Eq + 'static> Key<'_, I> {
    fn is<O: 'static>(&self, node: &Arc<dyn Node>) -> bool {
        let head = node.head();
        if head.hash != self.hash || head.task != self.task {
            return false;
        }
        let entry = node.as_any().downcast_ref::<Entry<I, O>>();
        entry.is_some_and(|entry| entry.input == *self.input)
    }
}

impl Table {
    pub(crate) fn new() -> Self {
        Self(Lock::new(Books::new()))
    }

    #[inline]
    pub(crate) fn lookup<I: Eq + 'static, O: 'static>(&self, key: &Key<'_, I>) -> Lookup {
        self.0.with(|books| {
            if books.closed {
                return Lookup::Closed;
            }
            let found = books.find(key.hash, |node| key.is::<O>(node)).cloned();
            books.count(found)
        })
    }

    /// A hit, counted as one; anything else is not.
    #[inline]
    pub(crate) fn peek_hit<I: Eq + 'static, O: 'static>(&self, key: &Key<'_, I>) -> Lookup {
        self.0.with(|books| {
            if books.closed {
                return Lookup::Closed;
            }
            let found = books.find(key.hash, |node| key.is::<O>(node));
            let hit = found.filter(|node| node.is_settled()).cloned();
            books.count(hit)
        })
    }

    /// The same, for those who only look.
    pub(crate) fn peek<I: Eq + 'static, O: 'static>(
        &self,
        key: &Key<'_, I>,
    ) -> Option<Arc<dyn Node>> {
        self.0.with(|books| {
            let found = books.find(key.hash, |node| key.is::<O>(node));
            found.filter(|node| node.is_settled()).cloned()
        })
    }

    /// `Vacant`: it was, and now the entry is in it.
    pub(crate) fn insert<I: Eq + 'static, O: 'static>(
        &self,
        key: &Key<'_, I>,
        entry: &Arc<dyn Node>,
    ) -> Lookup {
        self.0.with(|books| {
            if books.closed {
                return Lookup::Closed;
            }
            let found = books.find(key.hash, |node| key.is::<O>(node)).cloned();
            if found.is_none() && !books.expired {
                books.insert(entry.clone());
                return Lookup::Vacant;
            }
            books.count(found)
        })
    }

    /// Puts an entry in the place of whatever is there; a run in flight goes on, detached.
    /// Gives back what is to be dropped: what was there, or the entry if the table is closed.
    #[must_use]
    pub(crate) fn replace<I: Eq + 'static, O: 'static>(
        &self,
        key: &Key<'_, I>,
        entry: Arc<dyn Node>,
    ) -> Option<Arc<dyn Node>> {
        self.0.with(|books| {
            if books.closed {
                return Some(entry);
            }
            let gone = books.remove(key.hash, |node| key.is::<O>(node));
            gone.iter().for_each(|node| books.detach(node));
            books.insert(entry);
            gone
        })
    }

    /// By identity, never by key.
    pub(crate) fn remove(&self, entry: &Arc<dyn Node>) {
        let gone = self.0.with(|books| {
            let hash = entry.head().hash;
            books.remove(hash, |node| Arc::ptr_eq(node, entry))
        });
        drop(gone);
    }

    /// Takes a call out; a run in flight goes on, detached.
    #[must_use]
    pub(crate) fn take<I: Eq + 'static, O: 'static>(
        &self,
        key: &Key<'_, I>,
    ) -> Option<Arc<dyn Node>> {
        self.0.with(|books| {
            let gone = books.remove(key.hash, |node| key.is::<O>(node))?;
            books.detach(&gone);
            Some(gone)
        })
    }

    /// Takes out those that are meant; runs in flight go on, detached. `is` runs under
    /// the lock: nothing foreign in it.
    #[must_use]
    pub(crate) fn take_where(&self, is: impl Fn(&dyn Node) -> bool) -> Vec<Arc<dyn Node>> {
        self.0.with(|books| {
            let gone = books.remove_where(|node| is(&**node));
            gone.iter().for_each(|node| books.detach(node));
            gone
        })
    }

    /// Takes everything out; runs in flight go on, detached.
    #[must_use]
    pub(crate) fn clear(&self) -> Vec<Arc<dyn Node>> {
        self.0.with(|books| {
            let gone = books.take_all();
            gone.iter().for_each(|node| books.detach(node));
            gone
        })
    }

    /// No more runs.
    #[must_use]
    pub(crate) fn close(&self) -> Cleared {
        self.0.with(|books| {
            books.closed = true;
            Cleared {
                entries: books.take_all(),
                detached: core::mem::take(&mut books.detached),
            }
        })
    }

    /// Only what is remembered is served from now on. The runs in flight come out.
    #[must_use]
    pub(crate) fn expire(&self) -> Vec<Arc<Flight>> {
        self.0.with(|books| {
            if core::mem::replace(&mut books.expired, true) {
                return Vec::new();
            }
            let entries = books.few.iter().flatten().chain(books.many.iter());
            let flights = entries.filter_map(|node| node.head().flight());
            flights.chain(books.detached.iter().cloned()).collect()
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.0.with(|books| books.closed)
    }

    pub(crate) fn len(&self) -> usize {
        self.0
            .with(|books| books.few.iter().flatten().count() + books.many.len())
    }

    /// Hits and joins.
    pub(crate) fn counts(&self) -> (usize, usize) {
        self.0.with(|books| (books.hits, books.joins))
    }
}
