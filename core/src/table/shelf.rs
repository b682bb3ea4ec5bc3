//! What is asked for again and again: found without a lock, and without a write to what other
//! threads read.
//!
//! A shelf is open addressing over once-cells, so it only grows: what was forgotten is marked in
//! its slot, and when those are many, or there is no more room, another shelf takes its place, an
//! empty one: who is asked for comes back.
//! The table says which one is in use. A thread that asks often has a share in it,
//! [its seat](seat): who has one there needs no lock.
//!
//! Without `unsafe` nothing that is read so can be freed. So what has a destructor is here as a
//! `Weak`, dropped when it is forgotten, and what has none is kept until the shelf goes.
mod leaving;
mod seat;
mod slot;
mod stock;
mod tally;

use crate::entry::Node;
use crate::freshness::Moment;
use crate::sync::{Arc, AtomicUsize, OnceCell, Ordering};
use crate::table::Life;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;
use slot::{Era, Fresh, Slot};

pub(super) use seat::{Found, Seat, glance, leave, look_round, seated, wants_seat};
pub(super) use stock::{Asked, Stock};

/// Larger entries stay in the table: what was forgotten may be held here for a while.
pub(super) const SMALL: usize = 256;

/// So far from where it belongs is a slot at most.
const REACH: usize = 8;
/// So many places are made at once.
const FEW: usize = 4_096;
/// Of more, so many at a time.
const PIECE: usize = 512;

// Bits of its address are free.
#[repr(align(8))]
pub(super) struct Shelf {
    /// All of them, if they are few.
    places: Box<[Place]>,
    /// Otherwise in pieces, of which each is made when there is something to put in it.
    pieces: Vec<OnceCell<Box<[Place]>>>,
    /// That of the first which does not last for ever.
    era: OnceCell<Era>,
    /// Not 0: another is in use, or none.
    retired: AtomicUsize,
}

/// Half a cache line.
#[cfg_attr(not(any(runce_loom, runce_shuttle)), repr(align(32)))]
struct Place(OnceCell<Slot>);

/// An entry, of which only the type is known.
type Item = dyn Any + Send + Sync;

impl Shelf {
    fn new(places: usize) -> Self {
        let (few, many) = match places {
            0..=FEW => (places, 0),
            _ => (0, places / PIECE),
        };
        Self {
            places: piece(few),
            pieces: (0..many).map(|_| OnceCell::new()).collect(),
            era: OnceCell::new(),
            retired: AtomicUsize::new(0),
        }
    }

    /// Those of such a hash that are remembered: where they belong, or next to it.
    #[inline]
    fn of(&self, hash: u64) -> impl Iterator<Item = &Slot> {
        let places = self.places(hash);
        let mask = places.len().wrapping_sub(1);
        let at = move |step| start(hash).wrapping_add(step) & mask;
        let slots = (0..REACH).map_while(move |step| places.get(at(step))?.0.get());
        slots.filter(move |slot| slot.is(print(hash)))
    }

    /// Those among which such a hash belongs; none, if nothing does yet.
    #[inline]
    fn places(&self, hash: u64) -> &[Place] {
        match self.places.is_empty() {
            false => &self.places,
            true => self.piece(hash),
        }
    }

    /// The same, where there are many.
    #[inline(never)]
    fn piece(&self, hash: u64) -> &[Place] {
        let piece = self.cell(hash).and_then(OnceCell::get);
        piece.map_or(&[], |places| places)
    }

    fn cell(&self, hash: u64) -> Option<&OnceCell<Box<[Place]>>> {
        let mask = self.pieces.len().wrapping_sub(1);
        self.pieces.get((start(hash) / PIECE) & mask)
    }

    /// Under the table's lock. `None`: there is no room for it, or that is full.
    fn put(
        &self,
        node: &Arc<dyn Node>,
        kept: bool,
        life: Option<&Life>,
        room: bool,
    ) -> Option<Put> {
        let (hash, address) = (node.head().hash, address(node));
        if let Some(cell) = self.cell(hash) {
            // What is there stays.
            if cell.get().is_none() {
                let _ = cell.set(piece(PIECE));
            }
        }
        for cell in self.row(hash) {
            match cell.get() {
                Some(other) if other.address() == address => return Some(Put::Found),
                Some(_) => {}
                None if !room => return None,
                None => {
                    let slot = Slot::new(node, kept, self.fresh(life));
                    return cell.set(slot).is_ok().then_some(Put::New);
                }
            }
        }
        None
    }

    /// Under the table's lock.
    fn fresh(&self, life: Option<&Life>) -> Fresh {
        let Some(life) = life else {
            return Fresh::FOR_EVER;
        };
        if self.era.get().is_none() {
            let _ = self.era.set(Era::of(life));
        }
        let era = self.era.get();
        era.map_or(Fresh::NEVER, |era| era.fresh(life))
    }

    /// Is nothing to be done about what is fresh till then?
    #[inline]
    fn is_fresh(&self, fresh: Fresh, now: Moment) -> bool {
        self.era.get().is_some_and(|era| era.is_fresh(fresh, now))
    }

    /// The slots where one of that hash may be, and one that is empty at their end, if there is.
    fn row(&self, hash: u64) -> impl Iterator<Item = &OnceCell<Slot>> {
        let places = self.places(hash);
        let at = move |step| start(hash).wrapping_add(step) & places.len().wrapping_sub(1);
        let cells = (0..REACH).map_while(move |step| Some(&places.get(at(step))?.0));
        let mut ended = false;
        cells.take_while(move |cell| !core::mem::replace(&mut ended, cell.get().is_none()))
    }

    /// From now on it is served to nobody who asks. `true`: it is here.
    fn forget(&self, node: &Arc<dyn Node>) -> bool {
        let address = address(node);
        let mut cells = self.row(node.head().hash).filter_map(OnceCell::get);
        let slot = cells.find(|slot| slot.address() == address);
        slot.is_some_and(Slot::forget)
    }

    fn retire(&self) {
        // ORDERING: a hint for those who hold it.
        self.retired.store(1, Ordering::Relaxed);
        if self.is_in_pieces() {
            seat::tell_all();
        }
    }

    fn is_retired(&self) -> bool {
        // ORDERING: see `retire`.
        self.retired.load(Ordering::Relaxed) != 0
    }

    fn is_in_pieces(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// One piece less of it. `None`: there is none.
    fn take_piece(&mut self) -> Option<Box<[Place]>> {
        core::iter::from_fn(|| self.pieces.pop()).find_map(OnceCell::into_inner)
    }
}

enum Put {
    New,
    /// It was there.
    Found,
}

fn piece(places: usize) -> Box<[Place]> {
    (0..places).map(|_| Place(OnceCell::new())).collect()
}

fn address(node: &Arc<dyn Node>) -> usize {
    Arc::as_ptr(node).cast::<()>().addr()
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are as good")]
#[inline]
fn start(hash: u64) -> usize {
    match cfg!(any(runce_loom, runce_shuttle)) {
        true => 0, // seeds differ from one execution of a model to the next
        false => hash as usize,
    }
}

/// Bits that do not decide where it belongs.
#[inline]
fn print(hash: u64) -> u16 {
    match cfg!(any(runce_loom, runce_shuttle)) {
        true => 0,
        false => (hash >> 48) as u16,
    }
}
