//! What is done with a call: looked for, entered, replaced, taken out. What compares inputs is of
//! their type; the rest is compiled once.
use super::shelf::{Found, SMALL, Seat, glance, leave, look_round, seated, wants_seat};
use super::{Gone, Hit, Keep, Lookup, Sight, Table, Want};
use crate::entry::{Entry, Kind, Node};
use crate::error::Error;
use crate::freshness::Moment;
use crate::sync::{Arc, Ordering};
use core::borrow::Borrow;
use core::marker::PhantomData;
use core::mem::needs_drop;

/// What makes a call the same as another.
pub(crate) struct Key<'a, K: Kind, Q: ?Sized> {
    pub(crate) hash: u64,
    /// The input, or what it lends.
    input: &'a Q,
    kind: PhantomData<fn() -> K>,
}

/// Compares an entry with a key. What takes it is compiled once, and not for each type of task.
type Is<'a> = &'a mut dyn FnMut(&Arc<dyn Node>) -> bool;

/// Somebody who looks for a call. Under the table's lock: nothing foreign, but `Eq`.
pub(crate) trait Seeker {
    /// Is it that, if the hashes are the same?
    fn is(&mut self, node: &Arc<dyn Node>) -> bool;
    /// There is nothing, so this is entered: a run that begins. `None`: none does.
    fn enter(&mut self) -> Option<Arc<dyn Node>>;
}

impl<'a, K: Kind, Q: ?Sized> Key<'a, K, Q> {
    #[inline]
    pub(crate) fn new(hash: u64, input: &'a Q) -> Self {
        let kind = PhantomData;
        Self { hash, input, kind }
    }
}

impl<K, Q> Key<'_, K, Q>
where
    K: Kind<Input: Borrow<Q>>,
    Q: Eq + ?Sized,
{
    /// If the hashes are the same.
    pub(crate) fn is(&self, node: &Arc<dyn Node>) -> bool {
        let same = |entry: &Entry<K>| entry.input.borrow() == self.input;
        Entry::of(node).is_some_and(same)
    }
}

/// Who only looks.
impl<K, Q> Seeker for Key<'_, K, Q>
where
    K: Kind<Input: Borrow<Q>>,
    Q: Eq + ?Sized,
{
    fn is(&mut self, node: &Arc<dyn Node>) -> bool {
        Key::is(self, node)
    }

    fn enter(&mut self) -> Option<Arc<dyn Node>> {
        None
    }
}

/// Nobody can tell when it is dropped.
const fn is_kept<K: Kind>() -> bool {
    !needs_drop::<K::Input>() && !needs_drop::<K::Output>()
}

/// What is served of what was found, unless by the time the table is to be asked. Foreign:
/// compares, clones, and asks for the time.
// In the frame of a poll the comparison of the types' ids, which are returned by memory, stalls.
#[inline(never)]
fn served<K, Q>(
    found: &Found<'_>,
    input: &Q,
    now: impl FnOnce() -> Option<Moment>,
    asks: impl FnOnce(Moment) -> bool,
) -> Option<Result<K::Output, Error>>
where
    K: Kind<Input: Borrow<Q>, Output: Clone>,
    Q: Eq + ?Sized,
{
    let entry = found.item.downcast_ref::<Entry<K>>()?;
    if entry.input.borrow() != input {
        return None;
    }
    let outcome = entry.outcome.get()?;
    if !found.is_fresh_for_ever() {
        let now = now()?;
        if !found.is_fresh(now) || asks(now) {
            return None;
        }
    }
    found.seat.count();
    Some(outcome.clone())
}

impl Table {
    /// May entries of a kind be shelved? If so, are they kept there?
    pub(crate) const fn shelved<K: Kind>() -> Option<bool> {
        if size_of::<Entry<K>>() <= SMALL {
            Some(is_kept::<K>())
        } else {
            None
        }
    }

    /// A hit, counted as one, or else what there is, in `sight`: of what was entered, since there was
    /// nothing, [`Lookup::Vacant`]. `shelved`: see [`shelved`](Self::shelved).
    pub(crate) fn hit(
        &self,
        hash: u64,
        seeker: &mut dyn Seeker,
        shelved: Option<bool>,
        sight: &mut Sight,
    ) -> Option<Arc<dyn Node>> {
        debug_assert!(matches!(sight.found, Lookup::Vacant));
        look_round();
        let mut changed = false;
        let hit = self.books.with(|books| {
            if books.closed {
                sight.found = Lookup::Closed;
                return None;
            }
            let hit = books.hit(hash, |node| seeker.is(node), sight);
            match (&hit, &sight.found) {
                (Some(node), _) => {
                    if let (Some(kept), true) = (shelved, books.is_hot()) {
                        books.shelve(node, sight.life, kept && node.is_value());
                        changed = self.show_shelf(books);
                    }
                }
                (None, Lookup::Vacant) => {
                    if let Some(entry) = seeker.enter() {
                        books.enter_first(entry);
                    }
                }
                (None, _) => {}
            }
            hit
        });
        if changed {
            leave();
        }
        hit
    }

    /// A hit that needs no lock, counted as one: of what nothing is to be done about. `now` is asked
    /// if that depends on the time. Foreign: compares, clones, and asks for the time.
    pub(crate) fn hit_shelved<K, Q>(
        &self,
        key: &Key<'_, K, Q>,
        now: impl Fn() -> Option<Moment>,
    ) -> Option<Result<K::Output, Error>>
    where
        K: Kind<Input: Borrow<Q>, Output: Clone>,
        Q: Eq + ?Sized,
    {
        let mut outcome = None;
        self.find_shelved(key.hash, &mut |found| {
            outcome = served::<K, Q>(&found, key.input, &now, |now| found.seat.asks(now));
            outcome.is_some()
        });
        outcome
    }

    /// Until that is served.
    fn find_shelved(&self, hash: u64, serve: &mut dyn FnMut(Found<'_>) -> bool) {
        // The second time with a seat.
        for _ in 0..2 {
            let at = self.shelf();
            if at == 0 {
                return;
            }
            let looked = seated(at, |seat| seat.find(hash, serve));
            if looked.is_some() || !self.seated_anew(at) {
                return;
            }
        }
    }

    /// The same, of what is found at the first look, if there [is](Self::has_shelf) a shelf; `None`
    /// says nothing. `input`: or what it lends.
    #[inline]
    pub(crate) fn hit_at_once<K, Q>(
        &self,
        input: &Q,
        hash: impl FnOnce() -> u64,
        now: impl Fn() -> Option<Moment>,
    ) -> Option<Result<K::Output, Error>>
    where
        K: Kind<Input: Borrow<Q>, Output: Clone>,
        Q: Eq + ?Sized,
    {
        // First, since it is foreign, and may change which seats this thread has.
        let hash = hash();
        glance(
            self.shelf(),
            hash,
            is_kept::<K>(),
            move |found: Found<'_>| {
                let asks = |now| found.seat.is_to_ask(now);
                served::<K, Q>(&found, input, now, asks)
            },
        )
    }

    /// Otherwise nothing is hit without the lock.
    #[inline]
    pub(crate) fn has_shelf(&self) -> bool {
        self.shelf() != 0
    }

    /// By which the shelf in use is known.
    #[inline]
    fn shelf(&self) -> usize {
        // ORDERING: pairs with the store in `show_shelf`.
        self.shelf.load(Ordering::Acquire)
    }

    /// `true`: this thread had no seat there, and has one now.
    #[cold]
    fn seated_anew(&self, at: usize) -> bool {
        let seat = |books: &mut super::Books| books.stock.as_mut()?.seat();
        let seat = wants_seat(at).then(|| self.books.with(seat));
        seat.flatten().map(Seat::take).is_some()
    }

    /// What is remembered, for those who only look: counted as no hit.
    pub(crate) fn peek(&self, hash: u64, is: Is<'_>) -> Option<Hit> {
        self.books.with(|books| books.peek(hash, is))
    }

    /// For those who would run a call.
    pub(crate) fn lookup(&self, hash: u64, is: Is<'_>, want: Want<'_>) -> Lookup {
        self.books.with(|books| match books.closed {
            true => Lookup::Closed,
            false => books.look(hash, is, want),
        })
    }

    /// `Vacant`: it was, and now the entry is in it.
    pub(crate) fn insert(&self, is: Is<'_>, entry: &Arc<dyn Node>, want: Want<'_>) -> Lookup {
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
    pub(crate) fn replace(&self, is: Is<'_>, entry: Arc<dyn Node>, keep: Keep) -> Gone {
        self.edit(|books| match books.closed {
            true => alloc::vec![entry],
            false => books.replace(entry, is, keep),
        })
    }

    /// Takes a call out; a run in flight goes on, detached.
    #[must_use]
    pub(crate) fn take(&self, hash: u64, is: Is<'_>) -> Gone {
        self.edit(|books| books.take(hash, is))
    }
}
