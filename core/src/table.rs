//! (task, input) → entry.
//!
//! A context with few entries keeps them in place: no allocation, and comparing a few
//! hashes is as fast as hashing into a table.
mod books;
mod evict;
mod managed;
mod plain;
#[cfg(feature = "std")]
mod shelf;
#[cfg(not(feature = "std"))]
#[path = "table/no_shelf.rs"]
mod shelf;
mod wheel;

use crate::entry::{Entry, Flight, Node};
use crate::error::Error;
use crate::freshness::{Ages, Moment};
use crate::sync::{Arc, AtomicUsize, Lock, OnceCell, Ordering};
use alloc::boxed::Box;
use alloc::vec::Vec;
use books::Books;
use core::any::TypeId;
use core::mem::needs_drop;
use core::time::Duration;
use shelf::{SMALL, Shelf, Shelved};

pub(crate) use managed::Gone;

pub(crate) struct Table {
    books: Lock<Books>,
    /// Made when there is first need.
    shelf: OnceCell<Box<Shelf>>,
    /// Not 0 once the context was cancelled: for those who have no need of the lock.
    closed: AtomicUsize,
}

/// What is remembered of a call.
pub(crate) struct Hit {
    pub(crate) node: Arc<dyn Node>,
    /// `None`: it lasts as long as the context, and ages not.
    pub(crate) life: Option<Life>,
}

/// How long something lasts, and what is done about it.
#[derive(Clone, Copy)]
pub(crate) struct Life {
    /// When its run was over.
    pub(crate) born: Moment,
    pub(crate) until: Moment,
    /// How it ages meanwhile, where that matters.
    pub(crate) ages: Option<Ages>,
    /// A run is in flight whose outcome is to take its place.
    pub(crate) renewing: bool,
    /// From then on there is something to [sweep](Table::sweep).
    pub(crate) due: Moment,
}

impl Life {
    pub(crate) const FOR_EVER: Self = Self {
        born: Moment::NEVER,
        until: Moment::NEVER,
        ages: None,
        renewing: false,
        due: Moment::NEVER,
    };

    pub(crate) fn is_stale(&self, now: Moment) -> bool {
        self.ages.is_some_and(|ages| ages.stale.is_past(now))
    }
}

/// What somebody finds who would run a call.
pub(crate) enum Lookup {
    /// It is remembered by now.
    Settled,
    InFlight(Arc<dyn Node>),
    Vacant,
    /// The context was cancelled.
    Closed,
    /// Its deadline has passed, and nothing is remembered of the call.
    Expired,
}

/// How an outcome is remembered.
#[derive(Clone, Copy)]
pub(crate) struct Keep {
    pub(crate) until: Moment,
    pub(crate) ages: Option<Ages>,
    /// The time by now, if somebody asked.
    pub(crate) now: Option<Moment>,
    pub(crate) weight: usize,
}

/// When a run failed, and how long nobody tries again.
#[derive(Clone, Copy)]
pub(crate) struct Failure {
    /// `None`: there is no clock that tells.
    pub(crate) now: Option<Moment>,
    pub(crate) pause: Duration,
}

/// What whoever looks for a run would have.
#[derive(Clone, Copy)]
pub(crate) enum Want<'n> {
    /// Whatever is remembered.
    Any,
    /// A new one, whatever is remembered.
    Anew,
    /// A newer one than that, which aged like that when it was found: if it has been replaced, or
    /// another failed to renew it, it is to be looked at again.
    Newer(&'n Arc<dyn Node>, Option<Ages>),
}

/// What was in the table when it was closed.
pub(crate) struct Cleared {
    pub(crate) entries: Gone,
    pub(crate) detached: Vec<Arc<Flight>>,
}

/// What makes a call the same as another.
pub(crate) struct Key<'a, I> {
    pub(crate) hash: u64,
    pub(crate) task: TypeId,
    pub(crate) input: &'a I,
}

/// Compares an entry with a key. What takes it is compiled once, and not for each type of task.
type Is<'a> = &'a mut dyn FnMut(&Arc<dyn Node>) -> bool;

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

    /// A hit, counted as one, or what else there is: never [`Lookup::Settled`].
    #[inline]
    pub(crate) fn hit<I: Eq + 'static, O: 'static>(&self, key: &Key<'_, I>) -> Result<Hit, Lookup> {
        let kept = !needs_drop::<I>() && !needs_drop::<O>();
        let shelved = (size_of::<Entry<I, O>>() <= SMALL).then_some(kept);
        self.hit_any(key.hash, &mut |node| key.is::<O>(node), shelved)
    }

    fn hit_any(&self, hash: u64, is: Is<'_>, shelved: Option<bool>) -> Result<Hit, Lookup> {
        self.books.with(|books| {
            if books.closed {
                return Err(Lookup::Closed);
            }
            let hit = books.hit(hash, is)?;
            if let (Some(kept), None, true) = (shelved, &hit.life, books.is_hot()) {
                self.shelve(&hit.node, kept && hit.node.is_value());
            }
            Ok(hit)
        })
    }

    /// A hit that needs no lock, counted as one. Foreign: compares, and clones.
    #[inline]
    pub(crate) fn hit_shelved<I: Eq + 'static, O: Clone + 'static>(
        &self,
        key: &Key<'_, I>,
    ) -> Option<Result<O, Error>> {
        let shelf = self.shelf.get()?;
        shelf.find(key.hash, |node| {
            let entry = node.as_any().downcast_ref::<Entry<I, O>>()?;
            if !entry.is_of(key.task) || entry.input != *key.input {
                return None;
            }
            let outcome = entry.outcome.get()?;
            shelf.count();
            Some(outcome.clone())
        })
    }

    /// `kept`: nobody can tell when it is dropped. Under the lock.
    #[cold]
    fn shelve(&self, node: &Arc<dyn Node>, kept: bool) {
        if self.shelf.get().is_none() {
            let _ = self.shelf.set(Box::new(Shelf::new()));
        }
        if let Some(shelf) = self.shelf.get() {
            let outcome = match kept {
                true => Shelved::Kept(node.clone()),
                false => Shelved::Seen(Arc::downgrade(node)),
            };
            shelf.put(node.head().hash, outcome);
        }
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

    /// The same, for those who only look.
    pub(crate) fn peek<I: Eq + 'static, O: 'static>(&self, key: &Key<'_, I>) -> Option<Hit> {
        self.peek_any(key.hash, &mut |node| key.is::<O>(node))
    }

    fn peek_any(&self, hash: u64, is: Is<'_>) -> Option<Hit> {
        self.books.with(|books| books.peek(hash, is))
    }

    /// For those who would run a call.
    pub(crate) fn lookup<I: Eq + 'static, O: 'static>(
        &self,
        key: &Key<'_, I>,
        want: Want<'_>,
    ) -> Lookup {
        self.lookup_any(key.hash, &mut |node| key.is::<O>(node), want)
    }

    fn lookup_any(&self, hash: u64, is: Is<'_>, want: Want<'_>) -> Lookup {
        self.books.with(|books| match books.closed {
            true => Lookup::Closed,
            false => books.look(hash, is, want),
        })
    }

    /// `Vacant`: it was, and now the entry is in it.
    pub(crate) fn insert<I: Eq + 'static, O: 'static>(
        &self,
        key: &Key<'_, I>,
        entry: &Arc<dyn Node>,
        want: Want<'_>,
    ) -> Lookup {
        self.insert_any(&mut |node| key.is::<O>(node), entry, want)
    }

    fn insert_any(&self, is: Is<'_>, entry: &Arc<dyn Node>, want: Want<'_>) -> Lookup {
        self.edit(|books| {
            if books.closed {
                return Lookup::Closed;
            }
            let found = books.look(entry.head().hash, &mut *is, want);
            if let Lookup::Vacant = found {
                books.enter(entry.clone(), is, !matches!(want, Want::Any));
            }
            found
        })
    }

    /// Puts an entry in the place of whatever is there; runs in flight go on, detached.
    /// Gives back what is to be dropped: what was there, or the entry if the table is closed.
    #[must_use]
    pub(crate) fn replace<I: Eq + 'static, O: 'static>(
        &self,
        key: &Key<'_, I>,
        entry: Arc<dyn Node>,
        keep: Keep,
    ) -> Gone {
        self.replace_any(&mut |node| key.is::<O>(node), entry, keep)
    }

    fn replace_any(&self, is: Is<'_>, entry: Arc<dyn Node>, keep: Keep) -> Gone {
        self.edit(|books| match books.closed {
            true => alloc::vec![entry],
            false => books.replace(entry, is, keep),
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

    /// Takes a call out; a run in flight goes on, detached.
    #[must_use]
    pub(crate) fn take<I: Eq + 'static, O: 'static>(&self, key: &Key<'_, I>) -> Gone {
        self.take_any(key.hash, &mut |node| key.is::<O>(node))
    }

    fn take_any(&self, hash: u64, is: Is<'_>) -> Gone {
        self.edit(|books| books.take(hash, is))
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

/// Runs started; calls answered from memory; what was forgotten.
pub(crate) struct Counts {
    pub(crate) runs: usize,
    pub(crate) hits: usize,
    pub(crate) expired: usize,
    pub(crate) evicted: usize,
}
