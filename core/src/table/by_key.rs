//! What is done with a call: looked for, entered, replaced, taken out. What compares inputs is of
//! their type; the rest is compiled once.
use super::shelf::{SMALL, Shelf, Shelved};
use super::{Gone, Hit, Keep, Lookup, Table, Want};
use crate::entry::{Entry, Node};
use crate::error::Error;
use crate::sync::Arc;
use alloc::boxed::Box;
use core::any::TypeId;
use core::mem::needs_drop;

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

    /// What is remembered, for those who only look: counted as no hit.
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

    /// Takes a call out; a run in flight goes on, detached.
    #[must_use]
    pub(crate) fn take<I: Eq + 'static, O: 'static>(&self, key: &Key<'_, I>) -> Gone {
        self.take_any(key.hash, &mut |node| key.is::<O>(node))
    }

    fn take_any(&self, hash: u64, is: Is<'_>) -> Gone {
        self.edit(|books| books.take(hash, is))
    }
}
