//! What is asked for again and again: found without a lock, and without a write to what other
//! threads read.
//!
//! A shelf is open addressing over once-cells, so it only grows: what was forgotten is marked in
//! its slot, and when those are many, or there is no more room, another shelf takes its place.
//! The table says which one is in use. A thread that asks often has a share in it,
//! [its seat](seat): who has one there needs no lock.
//!
//! Without `unsafe` nothing that is read so can be freed. So what has a destructor is here as a
//! `Weak`, dropped when it is forgotten, and what has none is kept until the shelf goes.
mod seat;
mod stock;
mod tally;

use super::Life;
use crate::entry::Node;
use crate::freshness::Moment;
use crate::guard::{catch_panic, drop_quietly, resume};
use crate::sync::{Arc, AtomicUsize, OnceCell, Ordering, Weak};
use alloc::boxed::Box;
use core::any::Any;

pub(super) use seat::{Found, Seat, glance, leave, seated, wants_seat};
pub(super) use stock::Stock;

/// So far from where it belongs is a slot at most.
const REACH: usize = 8;

/// Larger entries stay in the table: what was forgotten may be held here for a while.
pub(super) const SMALL: usize = 256;

// Bits of its address are free.
#[repr(align(8))]
pub(super) struct Shelf {
    places: Box<[Place]>,
    /// Not 0: another is in use, or none.
    retired: AtomicUsize,
}

/// A cache line.
#[repr(align(64))]
struct Place(OnceCell<Slot>);

struct Slot {
    hash: u64,
    held: Held,
    /// From then on the table has to be asked.
    fresh: Moment,
    /// Not 0: it is remembered no more.
    gone: AtomicUsize,
}

/// An entry, of which only the type is known.
type Item = dyn Any + Send + Sync;

/// How an outcome is held.
#[derive(Clone)]
enum Held {
    /// Nobody can tell when it is dropped: it has no destructor.
    Kept(Arc<Item>),
    /// It is dropped when it is forgotten; where it was stays allocated.
    Seen(Weak<Item>),
}

impl Shelf {
    fn new(places: usize) -> Self {
        let place = |_| Place(OnceCell::new());
        Self {
            places: (0..places).map(place).collect(),
            retired: AtomicUsize::new(0),
        }
    }

    /// Those of that hash that are remembered: where they belong, or next to it.
    #[inline]
    fn of(&self, hash: u64) -> impl Iterator<Item = &Slot> {
        let mask = self.places.len().wrapping_sub(1);
        let at = move |step| start(hash).wrapping_add(step) & mask;
        let slots = (0..REACH).map_while(move |step| self.places.get(at(step))?.0.get());
        slots.filter(move |slot| slot.hash == hash && !slot.is_gone())
    }

    /// The slots where one of that hash may be, and one that is empty at their end, if there is.
    fn row(&self, hash: u64) -> impl Iterator<Item = &OnceCell<Slot>> {
        let at = move |step| start(hash).wrapping_add(step) & (self.places.len() - 1);
        let cells = (0..REACH).map(move |step| &self.places[at(step)].0);
        let mut ended = false;
        cells.take_while(move |cell| !core::mem::replace(&mut ended, cell.get().is_none()))
    }

    fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.places.iter().filter_map(|place| place.0.get())
    }

    /// Under the table's lock. `None`: there is no room for it, or that is full.
    fn put(&self, slot: Slot, has_room: bool) -> Option<Put> {
        let address = slot.held.address();
        for cell in self.row(slot.hash) {
            match cell.get() {
                Some(other) if other.held.address() == address => return Some(Put::Found),
                Some(_) => {}
                None if !has_room => return None,
                None => return cell.set(slot).is_ok().then_some(Put::New),
            }
        }
        None
    }

    /// From now on it is served to nobody who asks. `true`: it is here.
    fn forget(&self, node: &Arc<dyn Node>) -> bool {
        let address = Arc::as_ptr(node).cast::<()>().addr();
        let mut cells = self.row(node.head().hash).filter_map(OnceCell::get);
        let slot = cells.find(|slot| slot.held.address() == address);
        slot.is_some_and(Slot::forget)
    }

    fn retire(&self) {
        // ORDERING: a hint for those who hold it.
        self.retired.store(1, Ordering::Relaxed);
    }

    fn is_retired(&self) -> bool {
        // ORDERING: see `retire`.
        self.retired.load(Ordering::Relaxed) != 0
    }
}

enum Put {
    New,
    /// It was there.
    Found,
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are as good")]
fn start(hash: u64) -> usize {
    match cfg!(any(runce_loom, runce_shuttle)) {
        true => 0, // seeds differ from one execution of a model to the next
        false => hash as usize,
    }
}

impl Slot {
    /// `kept`: nobody can tell when it is dropped.
    fn new(node: &Arc<dyn Node>, kept: bool, life: Option<Life>) -> Self {
        let item = node.clone().item();
        Self {
            hash: node.head().hash,
            held: match kept {
                true => Held::Kept(item),
                false => Held::Seen(Arc::downgrade(&item)),
            },
            fresh: life.map_or(Moment::NEVER, plain_until),
            gone: AtomicUsize::new(0),
        }
    }

    /// For another shelf.
    fn again(&self) -> Self {
        Self {
            held: self.held.clone(),
            gone: AtomicUsize::new(0),
            ..*self
        }
    }

    #[inline]
    fn is_gone(&self) -> bool {
        // ORDERING: pairs with the store in `forget`: who was told that it is forgotten sees it.
        self.gone.load(Ordering::Acquire) != 0
    }

    /// Under the table's lock. `false`: it was forgotten before.
    fn forget(&self) -> bool {
        let was = self.is_gone();
        // ORDERING: pairs with the load in `is_gone`.
        self.gone.store(1, Ordering::Release);
        !was
    }
}

impl Held {
    /// Foreign.
    #[inline]
    fn serve<R>(&self, serve: impl FnOnce(&Item) -> Option<R>) -> Option<R> {
        match self {
            Self::Kept(item) => serve(&**item),
            Self::Seen(item) => serve_seen(item, serve),
        }
    }

    fn address(&self) -> usize {
        match self {
            Self::Kept(item) => Arc::as_ptr(item).cast::<()>().addr(),
            Self::Seen(item) => item.as_ptr().cast::<()>().addr(),
        }
    }
}

/// Until then it is served to whoever asks, and nothing is to be done about it.
fn plain_until(life: Life) -> Moment {
    let ages = life.ages;
    let ages = ages.map(|ages| ages.renew.min(ages.stale).min(ages.late));
    ages.map_or(life.until, |ages| ages.min(life.until))
}

/// Not inlined: so what the other way needs is in registers.
#[inline(never)]
fn serve_seen<R>(item: &Weak<Item>, serve: impl FnOnce(&Item) -> Option<R>) -> Option<R> {
    let item = item.upgrade()?;
    let served = catch_panic(|| serve(&*item));
    // It may be the last: not while another panic unwinds.
    drop_quietly(item);
    served.unwrap_or_else(|panic| resume(panic))
}
