//! What is done with a call: looked for, entered, replaced, taken out. What compares inputs is of
//! their type; the rest is compiled once.
use super::shelf::{Found, SMALL, Seat, glance, seated, wants_seat};
use super::{Gone, Hit, Keep, Lookup, Table, Want};
use crate::entry::{Entry, Node};
use crate::error::Error;
use crate::freshness::Moment;
use crate::sync::{Arc, Ordering};
use core::any::TypeId;
use core::borrow::Borrow;
use core::mem::needs_drop;

/// What makes a call the same as another.
pub(crate) struct Key<'a, Q: ?Sized> {
    pub(crate) hash: u64,
    pub(crate) task: TypeId,
    /// The input, or what it lends.
    pub(crate) input: &'a Q,
}

impl<Q: ?Sized> Clone for Key<'_, Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: ?Sized> Copy for Key<'_, Q> {}

/// Compares an entry with a key. What takes it is compiled once, and not for each type of task.
type Is<'a> = &'a mut dyn FnMut(&Arc<dyn Node>) -> bool;

impl<Q: Eq + ?Sized> Key<'_, Q> {
    fn is<I: Borrow<Q> + 'static, O: 'static>(&self, node: &Arc<dyn Node>) -> bool {
        let head = node.head();
        if head.hash != self.hash || head.task != self.task {
            return false;
        }
        let entry = node.as_any().downcast_ref::<Entry<I, O>>();
        entry.is_some_and(|entry| entry.input.borrow() == self.input)
    }
}

/// What is served of what was found, unless by the time the table is to be asked. Foreign: compares, clones, and asks for the time.
#[inline]
fn served<I, O, Q>(
    found: &Found<'_>,
    task: TypeId,
    input: &Q,
    now: impl FnOnce() -> Option<Moment>,
    asks: impl FnOnce(Moment) -> bool,
) -> Option<Result<O, Error>>
where
    I: Borrow<Q> + 'static,
    O: Clone + 'static,
    Q: Eq + ?Sized,
{
    let entry = found.item.downcast_ref::<Entry<I, O>>()?;
    if !entry.is_of(task) || entry.input.borrow() != input {
        return None;
    }
    let outcome = entry.outcome.get()?;
    if found.fresh != Moment::NEVER {
        let now = now()?;
        if now >= found.fresh || asks(now) {
            return None;
        }
    }
    found.seat.count();
    Some(outcome.clone())
}

impl Table {
    /// A hit, counted as one, or what else there is: never [`Lookup::Settled`].
    #[inline]
    pub(crate) fn hit<I, O, Q>(&self, key: &Key<'_, Q>) -> Result<Hit, Lookup>
    where
        I: Borrow<Q> + 'static,
        O: 'static,
        Q: Eq + ?Sized,
    {
        let kept = !needs_drop::<I>() && !needs_drop::<O>();
        let shelved = (size_of::<Entry<I, O>>() <= SMALL).then_some(kept);
        self.hit_any(key.hash, &mut |node| key.is::<I, O>(node), shelved)
    }

    fn hit_any(&self, hash: u64, is: Is<'_>, shelved: Option<bool>) -> Result<Hit, Lookup> {
        self.books.with(|books| {
            if books.closed {
                return Err(Lookup::Closed);
            }
            let hit = books.hit(hash, is)?;
            if let (Some(kept), true) = (shelved, books.is_hot()) {
                books.shelve(&hit, kept && hit.node.is_value());
                self.show_shelf(books);
            }
            Ok(hit)
        })
    }

    /// A hit that needs no lock, counted as one: of what nothing is to be done about. `now` is asked
    /// if that depends on the time. Foreign: compares, clones, and asks for the time.
    #[inline]
    pub(crate) fn hit_shelved<I, O, Q>(
        &self,
        key: Key<'_, Q>,
        now: impl Fn() -> Option<Moment> + Copy,
    ) -> Option<Result<O, Error>>
    where
        I: Borrow<Q> + 'static,
        O: Clone + 'static,
        Q: Eq + ?Sized,
    {
        match self.shelf() {
            0 => None,
            _ => self.hit_on_shelf::<I, O, Q>(key, now),
        }
    }

    #[inline(never)]
    fn hit_on_shelf<I, O, Q>(
        &self,
        key: Key<'_, Q>,
        now: impl Fn() -> Option<Moment> + Copy,
    ) -> Option<Result<O, Error>>
    where
        I: Borrow<Q> + 'static,
        O: Clone + 'static,
        Q: Eq + ?Sized,
    {
        // The second time with a seat.
        for _ in 0..2 {
            let address = self.shelf();
            if address == 0 {
                return None;
            }
            let found = seated(address, |seat| {
                seat.find(key.hash, |found: Found<'_>| {
                    let asks = |now| found.seat.asks(now);
                    served::<I, O, Q>(&found, key.task, key.input, now, asks)
                })
            });
            if found.is_some() || !self.seated_anew(address) {
                return found?;
            }
        }
        None
    }

    /// The same, of what is found at the first look; `None` says nothing. `input`: or what it lends.
    #[inline]
    pub(crate) fn hit_at_once<I, O, Q>(
        &self,
        task: TypeId,
        input: &Q,
        hash: impl FnOnce() -> u64,
        now: impl Fn() -> Option<Moment>,
    ) -> Option<Result<O, Error>>
    where
        I: Borrow<Q> + 'static,
        O: Clone + 'static,
        Q: Eq + ?Sized,
    {
        let address = self.shelf();
        if address == 0 {
            return None;
        }
        let kept = !needs_drop::<I>() && !needs_drop::<O>();
        glance(address, hash(), kept, move |found: Found<'_>| {
            let asks = |now| found.seat.is_to_ask(now);
            served::<I, O, Q>(&found, task, input, now, asks)
        })
    }

    /// The address of the shelf in use.
    #[inline]
    fn shelf(&self) -> usize {
        // ORDERING: pairs with the store in `show_shelf`.
        self.shelf.load(Ordering::Acquire)
    }

    /// `true`: this thread had no seat there, and has one now.
    #[cold]
    fn seated_anew(&self, address: usize) -> bool {
        let seat = |books: &mut super::Books| books.stock.as_mut()?.seat();
        let seat = wants_seat(address).then(|| self.books.with(seat));
        seat.flatten().map(Seat::take).is_some()
    }

    /// What is remembered, for those who only look: counted as no hit.
    pub(crate) fn peek<I: Eq + 'static, O: 'static>(&self, key: &Key<'_, I>) -> Option<Hit> {
        self.peek_any(key.hash, &mut |node| key.is::<I, O>(node))
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
        self.lookup_any(key.hash, &mut |node| key.is::<I, O>(node), want)
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
        self.insert_any(&mut |node| key.is::<I, O>(node), entry, want)
    }

    fn insert_any(&self, is: Is<'_>, entry: &Arc<dyn Node>, want: Want<'_>) -> Lookup {
        self.books.with(|books| {
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
        self.replace_any(&mut |node| key.is::<I, O>(node), entry, keep)
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
        self.take_any(key.hash, &mut |node| key.is::<I, O>(node))
    }

    fn take_any(&self, hash: u64, is: Is<'_>) -> Gone {
        self.edit(|books| books.take(hash, is))
    }
}
