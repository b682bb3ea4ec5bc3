//! What is done with a call: looked for, entered, replaced, taken out. What compares inputs is of
//! their type; the rest is compiled once.
use super::shelf::{SMALL, Shelf, Shelved};
use super::{Gone, Hit, Keep, Lookup, Table, Want};
use crate::entry::{Entry, Kind, Node};
use crate::error::Error;
use crate::sync::Arc;
use alloc::boxed::Box;
use core::mem::needs_drop;

/// What makes a call the same as another.
pub(crate) struct Key<'a, K: Kind> {
    pub(crate) hash: u64,
    pub(crate) input: &'a K::Input,
}

/// Compares an entry with a key. What takes it is compiled once, and not for each type of task.
type Is<'a> = &'a mut dyn FnMut(&Arc<dyn Node>) -> bool;

/// Somebody who looks for a call. Under the table's lock: nothing foreign, but `Eq`.
pub(crate) trait Seeker {
    fn is(&mut self, node: &Arc<dyn Node>) -> bool;
    /// There is nothing, so this is entered: a run that begins.
    fn enter(&mut self) -> Option<Arc<dyn Node>>;
}

impl<K: Kind> Key<'_, K> {
    pub(crate) fn is(&self, node: &Arc<dyn Node>) -> bool {
        let same = |entry: &Entry<K>| entry.input == *self.input;
        node.head().hash == self.hash && Entry::of(node).is_some_and(same)
    }
}

/// May it be put on the shelf, and if so, can nobody tell when it is dropped?
const fn shelved<K: Kind>() -> Option<bool> {
    match size_of::<Entry<K>>() <= SMALL {
        true => Some(!needs_drop::<K::Input>() && !needs_drop::<K::Output>()),
        false => None,
    }
}

impl Table {
    /// A hit, counted as one, or what else there is: never [`Lookup::Settled`]. What was entered,
    /// since there was nothing, was [`Lookup::Vacant`].
    #[inline]
    pub(crate) fn hit<K: Kind>(&self, hash: u64, seeker: &mut dyn Seeker) -> Result<Hit, Lookup> {
        self.hit_any(hash, seeker, const { shelved::<K>() })
    }

    fn hit_any(
        &self,
        hash: u64,
        seeker: &mut dyn Seeker,
        shelved: Option<bool>,
    ) -> Result<Hit, Lookup> {
        self.books.with(|books| {
            if books.closed {
                return Err(Lookup::Closed);
            }
            match books.hit(hash, |node| seeker.is(node)) {
                Ok(hit) => {
                    if let (Some(kept), None, true) = (shelved, &hit.life, books.is_hot()) {
                        self.shelve(&hit.node, kept && hit.node.is_value());
                    }
                    Ok(hit)
                }
                Err(Lookup::Vacant) => {
                    if let Some(entry) = seeker.enter() {
                        books.enter_first(entry);
                    }
                    Err(Lookup::Vacant)
                }
                Err(found) => Err(found),
            }
        })
    }

    /// A hit that needs no lock, counted as one. Foreign: compares, and clones.
    #[inline]
    pub(crate) fn hit_shelved<K: Kind<Output: Clone>>(
        &self,
        key: &Key<'_, K>,
    ) -> Option<Result<K::Output, Error>> {
        let shelf = self.shelf.get()?;
        shelf.find(key.hash, |node| {
            let entry = Entry::<K>::of(node)?;
            if entry.input != *key.input {
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

    /// What is remembered, for those who only look: counted as no hit.
    pub(crate) fn peek<K: Kind>(&self, key: &Key<'_, K>) -> Option<Hit> {
        self.peek_any(key.hash, &mut |node| key.is(node))
    }

    fn peek_any(&self, hash: u64, is: Is<'_>) -> Option<Hit> {
        self.books.with(|books| books.peek(hash, is))
    }

    /// For those who would run a call.
    pub(crate) fn lookup<K: Kind>(&self, key: &Key<'_, K>, want: Want<'_>) -> Lookup {
        self.lookup_any(key.hash, &mut |node| key.is(node), want)
    }

    fn lookup_any(&self, hash: u64, is: Is<'_>, want: Want<'_>) -> Lookup {
        self.books.with(|books| match books.closed {
            true => Lookup::Closed,
            false => books.look(hash, is, want),
        })
    }

    /// `Vacant`: it was, and now the entry is in it.
    pub(crate) fn insert<K: Kind>(
        &self,
        key: &Key<'_, K>,
        entry: &Arc<dyn Node>,
        want: Want<'_>,
    ) -> Lookup {
        self.insert_any(&mut |node| key.is(node), entry, want)
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
    pub(crate) fn replace<K: Kind>(
        &self,
        key: &Key<'_, K>,
        entry: Arc<dyn Node>,
        keep: Keep,
    ) -> Gone {
        self.replace_any(&mut |node| key.is(node), entry, keep)
    }

    fn replace_any(&self, is: Is<'_>, entry: Arc<dyn Node>, keep: Keep) -> Gone {
        self.edit(|books| match books.closed {
            true => alloc::vec![entry],
            false => books.replace(entry, is, keep),
        })
    }

    /// Takes a call out; a run in flight goes on, detached.
    #[must_use]
    pub(crate) fn take<K: Kind>(&self, key: &Key<'_, K>) -> Gone {
        self.take_any(key.hash, &mut |node| key.is(node))
    }

    fn take_any(&self, hash: u64, is: Is<'_>) -> Gone {
        self.edit(|books| books.take(hash, is))
    }
}
