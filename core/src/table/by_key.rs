//! What is done with a call: looked for, entered, replaced, taken out. What compares inputs is of
//! their type; the rest is compiled once.
use super::shelf::{Found, SMALL, Seat, glance, leave, seated, wants_seat};
use super::{Gone, Hit, Keep, Lookup, Table, Want};
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

    pub(crate) fn input(&self) -> &'a Q {
        self.input
    }
}

impl<K, Q> Key<'_, K, Q>
where
    K: Kind<Input: Borrow<Q>>,
    Q: Eq + ?Sized,
{
    pub(crate) fn is(&self, node: &Arc<dyn Node>) -> bool {
        let same = |entry: &Entry<K>| entry.input.borrow() == self.input;
        node.head().hash == self.hash && Entry::of(node).is_some_and(same)
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
#[inline]
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
    /// A hit, counted as one, or what else there is: never [`Lookup::Settled`]. What was entered,
    /// since there was nothing, was [`Lookup::Vacant`].
    #[inline]
    pub(crate) fn hit<K: Kind>(&self, hash: u64, seeker: &mut dyn Seeker) -> Result<Hit, Lookup> {
        let shelved = (size_of::<Entry<K>>() <= SMALL).then_some(is_kept::<K>());
        self.hit_any(hash, seeker, shelved)
    }

    fn hit_any(
        &self,
        hash: u64,
        seeker: &mut dyn Seeker,
        shelved: Option<bool>,
    ) -> Result<Hit, Lookup> {
        let mut changed = false;
        let found = self.books.with(|books| {
            if books.closed {
                return Err(Lookup::Closed);
            }
            let found = books.hit(hash, |node| node.head().hash == hash && seeker.is(node));
            match &found {
                Ok(hit) => {
                    if let (Some(kept), true) = (shelved, books.is_hot()) {
                        books.shelve(hit, kept && hit.node.is_value());
                        changed = self.show_shelf(books);
                    }
                }
                Err(Lookup::Vacant) => {
                    if let Some(entry) = seeker.enter() {
                        books.enter_first(entry);
                    }
                }
                Err(_) => {}
            }
            found
        });
        if changed {
            leave();
        }
        found
    }

    /// A hit that needs no lock, counted as one: of what nothing is to be done about. `now` is asked
    /// if that depends on the time. Foreign: compares, clones, and asks for the time.
    pub(crate) fn hit_shelved<K, Q>(
        &self,
        key: &Key<'_, K, Q>,
        now: impl Fn() -> Option<Moment> + Copy,
    ) -> Option<Result<K::Output, Error>>
    where
        K: Kind<Input: Borrow<Q>, Output: Clone>,
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
                    served::<K, Q>(&found, key.input, now, asks)
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
        if !self.has_shelf() {
            return None;
        }
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
    pub(crate) fn peek<K: Kind>(&self, key: &Key<'_, K, K::Input>) -> Option<Hit> {
        self.peek_any(key.hash, &mut |node| key.is(node))
    }

    fn peek_any(&self, hash: u64, is: Is<'_>) -> Option<Hit> {
        self.books.with(|books| books.peek(hash, is))
    }

    /// For those who would run a call.
    pub(crate) fn lookup<K: Kind>(&self, key: &Key<'_, K, K::Input>, want: Want<'_>) -> Lookup {
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
        key: &Key<'_, K, K::Input>,
        entry: &Arc<dyn Node>,
        want: Want<'_>,
    ) -> Lookup {
        self.insert_any(&mut |node| key.is(node), entry, want)
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
    pub(crate) fn replace<K: Kind>(
        &self,
        key: &Key<'_, K, K::Input>,
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
    pub(crate) fn take<K: Kind>(&self, key: &Key<'_, K, K::Input>) -> Gone {
        self.take_any(key.hash, &mut |node| key.is(node))
    }

    fn take_any(&self, hash: u64, is: Is<'_>) -> Gone {
        self.edit(|books| books.take(hash, is))
    }
}
