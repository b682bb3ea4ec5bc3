//! (task, input) → entry.
//!
//! A context with few entries keeps them in place: no allocation, and comparing a few
//! hashes is as fast as hashing into a table.
use crate::entry::{Entry, Flight, Node};
use crate::sync::{Arc, Lock};
use alloc::vec::Vec;
use core::any::TypeId;
use hashbrown::HashTable;

const FEW: usize = 4;

pub(crate) struct Table(Lock<Books>);

struct Books {
    few: [Option<Arc<dyn Node>>; FEW],
    /// In use once there are more than a few; then it holds all.
    many: HashTable<Arc<dyn Node>>,
    /// Runs in flight that were taken out of the table.
    detached: Vec<Arc<Flight>>,
    /// When to look which of those are over.
    tidy_at: usize,
    closed: bool,
    /// Nothing is begun or waited for any more; what is remembered is served.
    expired: bool,
    hits: usize,
    joins: usize,
}

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
        Self(Lock::new(Books {
            few: [const { None }; FEW],
            many: HashTable::new(),
            detached: Vec::new(),
            tidy_at: 8,
            closed: false,
            expired: false,
            hits: 0,
            joins: 0,
        }))
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
            books.expired = true;
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

impl Books {
    #[inline]
    fn find(
        &self,
        hash: u64,
        mut is: impl FnMut(&Arc<dyn Node>) -> bool,
    ) -> Option<&Arc<dyn Node>> {
        if self.many.is_empty() {
            return self.few.iter().flatten().find(|node| is(node));
        }
        self.many.find(hash, is)
    }

    fn count(&mut self, found: Option<Arc<dyn Node>>) -> Lookup {
        match found {
            Some(node) if node.is_settled() => {
                self.hits = self.hits.wrapping_add(1);
                Lookup::Hit(node)
            }
            _ if self.expired => Lookup::Expired,
            None => Lookup::Vacant,
            Some(node) => {
                self.joins = self.joins.wrapping_add(1);
                Lookup::InFlight(node)
            }
        }
    }

    fn insert(&mut self, entry: Arc<dyn Node>) {
        if self.many.is_empty() {
            if let Some(vacant) = self.few.iter_mut().find(|place| place.is_none()) {
                *vacant = Some(entry);
                return;
            }
            let few = self.few.iter_mut().filter_map(Option::take);
            few.for_each(|entry| insert_unique(&mut self.many, entry));
        }
        insert_unique(&mut self.many, entry);
    }

    fn remove(
        &mut self,
        hash: u64,
        mut is: impl FnMut(&Arc<dyn Node>) -> bool,
    ) -> Option<Arc<dyn Node>> {
        if self.many.is_empty() {
            let place = (self.few.iter_mut()).find(|place| place.as_ref().is_some_and(&mut is));
            return place.and_then(Option::take);
        }
        let found = self.many.find_entry(hash, is).ok();
        found.map(|occupied| occupied.remove().0)
    }

    fn remove_where(&mut self, is: impl Fn(&Arc<dyn Node>) -> bool) -> Vec<Arc<dyn Node>> {
        let meant = |place: &mut Option<_>| place.take_if(|node| is(node));
        let few = self.few.iter_mut().filter_map(meant);
        few.chain(self.many.extract_if(|node| is(node))).collect()
    }

    fn take_all(&mut self) -> Vec<Arc<dyn Node>> {
        let few = self.few.iter_mut().filter_map(Option::take);
        few.chain(core::mem::take(&mut self.many)).collect()
    }

    fn detach(&mut self, node: &Arc<dyn Node>) {
        let Some(flight) = node.head().flight() else {
            return;
        };
        if self.detached.len() >= self.tidy_at {
            self.detached.retain(|flight| !flight.is_over());
            self.tidy_at = 8.max(2 * self.detached.len());
        }
        self.detached.push(flight);
    }
}

/// The hash is stored: growth never calls `Hash`.
fn insert_unique(many: &mut HashTable<Arc<dyn Node>>, entry: Arc<dyn Node>) {
    many.insert_unique(entry.head().hash, entry, |node| node.head().hash);
}
