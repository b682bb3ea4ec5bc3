//! (task, input) → entry.
//!
//! A context with few entries keeps them in place: no allocation, and comparing a few
//! hashes is as fast as hashing into a table.
mod books;
mod by_key;
mod evict;
#[cfg(feature = "std")]
mod index;
#[cfg(not(feature = "std"))]
#[path = "table/one_index.rs"]
mod index;
mod managed;
#[cfg(all(test, feature = "std"))]
mod one_index;
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
use crate::sync::{Arc, AtomicUsize, Lock, Ordering};
use alloc::vec::Vec;
use books::Books;

pub(crate) use by_key::{Key, Seeker};
pub(crate) use managed::Gone;
pub(crate) use words::{Cleared, Counts, Failure, Hit, Keep, Life, Lookup, Sight, Want};

pub(crate) struct Table {
    books: Lock<Books>,
    /// By which the shelf is known that is in use; 0: there is none.
    shelf: AtomicUsize,
    /// Not 0 once the context was cancelled: for those who have no need of the lock.
    closed: AtomicUsize,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self {
            books: Lock::new(Books::new()),
            shelf: AtomicUsize::new(0),
            closed: AtomicUsize::new(0),
        }
    }

    /// It forgets, from the start.
    pub(crate) fn manage(&self, capacity: Option<usize>) {
        self.books.with(|books| {
            let _ = books.manage(capacity);
        });
    }

    /// Work that takes out what is remembered: from then on that is found nowhere.
    fn edit(&self, work: impl FnOnce(&mut Books) -> Gone) -> Gone {
        let (gone, changed) = self.books.with(|books| {
            let gone = work(books);
            books.off_shelf(&gone);
            (gone, self.show_shelf(books))
        });
        if changed {
            shelf::leave();
        }
        gone
    }

    /// Which shelf is in use, for those who have no need of the lock. `true`: another than before, so
    /// seats may be of no use any more, once that is unlocked.
    fn show_shelf(&self, books: &Books) -> bool {
        let Some(stock) = &books.stock else {
            return false;
        };
        let at = stock.at();
        // ORDERING: written under the lock that we are under.
        let changed = self.shelf.load(Ordering::Relaxed) != at;
        if changed {
            // ORDERING: pairs with the load in `hit_shelved`.
            self.shelf.store(at, Ordering::Release);
        }
        changed
    }

    /// A run is about to have its outcome, or a refresh has it, and that is not just kept for as
    /// long as the context.
    #[must_use]
    pub(crate) fn settle(&self, node: &Arc<dyn Node>, keep: Keep) -> Gone {
        self.publish(node, keep, &mut || {})
    }

    /// The same of a refresh, which is published at once: before, nobody may find it in the place of
    /// what it was to replace, and after, nobody without knowing when it is over.
    #[must_use]
    pub(crate) fn publish(
        &self,
        node: &Arc<dyn Node>,
        keep: Keep,
        publish: &mut dyn FnMut(),
    ) -> Gone {
        self.edit(|books| {
            let mut gone = Gone::new();
            // What is over makes room before anything has to.
            books.sweep(keep.now, &mut gone);
            gone.extend(books.settle(node, keep));
            publish();
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
        self.edit(|books| {
            let mut gone: Gone = books.expire(node).into_iter().collect();
            books.sweep(now, &mut gone);
            gone
        })
    }

    /// Takes out some of what is over: a bounded number, whatever there is.
    #[must_use]
    pub(crate) fn sweep(&self, now: Moment) -> Gone {
        self.edit(|books| {
            let mut gone = Gone::new();
            books.sweep(Some(now), &mut gone);
            gone
        })
    }

    /// A run that will not be remembered: by identity, never by key.
    pub(crate) fn remove(&self, entry: &Arc<dyn Node>) {
        let gone = self.edit(|books| books.remove(entry).into_iter().collect());
        drop(gone);
    }

    /// Takes out those that are meant, and says how many; runs in flight go on, detached. `is`
    /// runs under the lock: nothing foreign in it.
    #[must_use]
    pub(crate) fn take_where(&self, is: impl Fn(&dyn Node) -> bool) -> (usize, Gone) {
        let mut count = 0;
        let gone = self.edit(|books| {
            count = books.len();
            let gone = books.take_where(is);
            count -= books.len();
            gone
        });
        (count, gone)
    }

    /// No more runs.
    #[must_use]
    pub(crate) fn close(&self) -> Cleared {
        let cleared = self.books.with(|books| {
            books.closed = true;
            // Before anybody can see that it is closed.
            self.clear_shelf(books);
            // ORDERING: pairs with the load in `is_closed`.
            self.closed.store(1, Ordering::Release);
            let (entries, detached) = books.take_all();
            Cleared { entries, detached }
        });
        shelf::leave();
        cleared
    }

    /// For good: what is closed is hit no more.
    fn clear_shelf(&self, books: &mut Books) {
        if let Some(stock) = &mut books.stock {
            stock.close();
        }
        let _ = self.show_shelf(books);
    }

    /// The same, with what was there, where nobody else can look.
    pub(crate) fn empty(&mut self, each: impl FnMut(Arc<dyn Node>)) {
        let books = self.books.get_mut();
        if let Some(stock) = &mut books.stock {
            stock.close();
            shelf::leave();
        }
        books.empty(each);
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
            let shelved = books.stock.as_ref().map_or(0, |stock| stock.hits());
            Counts {
                runs: books.runs,
                hits: books.hits.wrapping_add(shelved),
                expired,
                evicted,
            }
        })
    }
}
