//! (task, input) → entry.
//!
//! A context with few entries keeps them in place: no allocation, and comparing a few
//! hashes is as fast as hashing into a table.
mod books;
mod by_key;
mod evict;
mod index;
mod managed;
mod places;
mod plain;
#[cfg(feature = "std")]
mod shelf;
#[cfg(not(feature = "std"))]
#[path = "table/no_shelf.rs"]
mod shelf;
mod wheel;
mod words;

use crate::entry::{Flight, Node};
use crate::freshness::Moment;
use crate::sync::{Arc, AtomicUsize, Lock, OnceCell, Ordering};
use alloc::boxed::Box;
use alloc::vec::Vec;
use books::Books;
use shelf::Shelf;

pub(crate) use by_key::{Key, Seeker};
pub(crate) use managed::Gone;
pub(crate) use words::{Cleared, Counts, Failure, Hit, Keep, Life, Lookup, Want};

pub(crate) struct Table {
    books: Lock<Books>,
    /// Made when there is first need.
    shelf: OnceCell<Box<Shelf>>,
    /// Not 0 once the context was cancelled: for those who have no need of the lock.
    closed: AtomicUsize,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self {
            books: Lock::new(Books::new()),
            shelf: OnceCell::new(),
            closed: AtomicUsize::new(0),
        }
    }

    /// It forgets, from the start.
    pub(crate) fn manage(&self, capacity: Option<usize>) {
        self.edit(|books| {
            let _ = books.manage(capacity);
        });
    }

    /// Work that may forget what is remembered: from then on that is not to be found elsewhere.
    fn edit<R>(&self, work: impl FnOnce(&mut Books) -> R) -> R {
        self.books.with(|books| {
            let result = work(books);
            if let (true, Some(shelf)) = (books.forgets, self.shelf.get()) {
                shelf.close();
            }
            result
        })
    }

    /// A run is about to have its outcome, or a refresh has it, and that is not just kept for as
    /// long as the context.
    #[must_use]
    pub(crate) fn settle(&self, node: &Arc<dyn Node>, keep: Keep) -> Gone {
        self.edit(|books| {
            let mut gone = Gone::new();
            // What is over makes room before anything has to.
            books.sweep(keep.now, &mut gone);
            gone.extend(books.settle(node, keep));
            gone
        })
    }

    /// A run failed whose outcome was to take the place of another: it takes it only if that is
    /// no value, or one that is over. `keep`: as what it is remembered, if at all. `pause`:
    /// nobody tries again for so long.
    #[must_use]
    pub(crate) fn fail(&self, node: &Arc<dyn Node>, keep: Option<Keep>, failure: Failure) -> Gone {
        self.edit(|books| {
            let mut gone = Gone::new();
            books.sweep(failure.now, &mut gone);
            gone.extend(books.fail(node, keep, failure));
            gone
        })
    }

    /// Is it what is remembered of its call, still? By identity.
    pub(crate) fn remembers(&self, node: &Arc<dyn Node>) -> bool {
        self.books
            .with(|books| !books.closed && books.remembers(node))
    }

    /// What was counted as a hit was none.
    pub(crate) fn missed(&self) {
        self.books
            .with(|books| books.hits = books.hits.wrapping_sub(1));
    }

    /// What was found is over: takes it out, by identity, and some of what else is over.
    #[must_use]
    pub(crate) fn expire(&self, node: &Arc<dyn Node>, now: Option<Moment>) -> Gone {
        self.books.with(|books| {
            let mut gone: Gone = books.expire(node).into_iter().collect();
            books.sweep(now, &mut gone);
            gone
        })
    }

    /// Takes out some of what is over: a bounded number, whatever there is.
    #[must_use]
    pub(crate) fn sweep(&self, now: Moment) -> Gone {
        self.books.with(|books| {
            let mut gone = Gone::new();
            books.sweep(Some(now), &mut gone);
            gone
        })
    }

    /// A run that will not be remembered: by identity, never by key.
    pub(crate) fn remove(&self, entry: &Arc<dyn Node>) {
        let gone = self.books.with(|books| books.remove(entry));
        drop(gone);
    }

    /// Takes out those that are meant, and says how many; runs in flight go on, detached. `is`
    /// runs under the lock: nothing foreign in it.
    #[must_use]
    pub(crate) fn take_where(&self, is: impl Fn(&dyn Node) -> bool) -> (usize, Gone) {
        self.edit(|books| {
            let before = books.len();
            let gone = books.take_where(is);
            (before - books.len(), gone)
        })
    }

    /// No more runs.
    #[must_use]
    pub(crate) fn close(&self) -> Cleared {
        self.edit(|books| {
            books.closed = true;
            // Before anybody can see that it is closed.
            if let Some(shelf) = self.shelf.get() {
                shelf.close();
            }
            // ORDERING: pairs with the load in `is_closed`.
            self.closed.store(1, Ordering::Release);
            let (entries, detached) = books.take_all();
            Cleared { entries, detached }
        })
    }

    /// The same, with what was there, where nobody else can look.
    pub(crate) fn empty(&mut self, each: impl FnMut(Arc<dyn Node>)) {
        self.books.get_mut().empty(each);
    }

    /// Only what is remembered is served from now on. The runs in flight come out.
    #[must_use]
    pub(crate) fn stop(&self) -> Vec<Arc<Flight>> {
        self.books.with(|books| {
            if core::mem::replace(&mut books.expired, true) {
                return Vec::new();
            }
            books.flights()
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        // ORDERING: who sees it sees all that was done before.
        self.closed.load(Ordering::Acquire) != 0
    }

    pub(crate) fn len(&self) -> usize {
        self.books.with(|books| books.len())
    }

    pub(crate) fn counts(&self) -> Counts {
        self.books.with(|books| {
            let (expired, evicted) = books.forgotten();
            let shelved = self.shelf.get().map_or(0, |shelf| shelf.hits());
            Counts {
                runs: books.runs,
                hits: books.hits.wrapping_add(shelved),
                expired,
                evicted,
            }
        })
    }
}
