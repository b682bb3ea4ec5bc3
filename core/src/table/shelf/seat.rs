//! A thread's share in the shelves of the contexts that it asks most: with it, a look at a shelf
//! writes nothing that is shared.
//!
//! A shelf is known by its address, which no other has while somebody has a share in it. In the bits
//! that are free there is the number of the seat that threads take at it: contexts have theirs in
//! turn, as they come to have a shelf, so that few of those that live have the same.
// loom's and shuttle's `thread_local!` take no `const`.
#![allow(clippy::missing_const_for_thread_local)]
use super::leaving::Leaving;
use super::slot::{Fresh, Slot, serve_seen};
use super::tally::Counter;
use super::{Item, Shelf};
use crate::freshness::Moment;
use crate::sync::Arc;
use core::cell::{Cell, RefCell};
use core::sync::atomic::{AtomicUsize, Ordering};

#[cfg(runce_loom)]
use loom::thread_local;
#[cfg(all(runce_shuttle, not(runce_loom)))]
use shuttle::thread_local;
#[cfg(not(any(runce_loom, runce_shuttle)))]
use std::thread_local;

/// So many shelves, whatever they hold, a thread keeps from being freed at most.
const SEATS: usize = if cfg!(any(runce_loom, runce_shuttle)) {
    1
} else {
    8
};
/// In so many of them is the seat for a shelf.
const WAYS: usize = if SEATS == 1 { 1 } else { 2 };
/// So often somebody finds that others have his seat, then it is his.
const STRIKES: u32 = 64;
/// So often one is found in its second place, then it comes to the first, where it is found at a
/// glance.
const OFTEN: u32 = 16;
/// A moment's bits below which it makes no difference: a millisecond's, as the table's wheel has it.
const TICK: u32 = 20;

pub(in crate::table) struct Seat {
    at: usize,
    shelf: Arc<Shelf>,
    count: Arc<Counter>,
    /// In that tick the table was asked, and has forgotten what was over.
    asked: Cell<u64>,
}

struct Seats {
    seats: [RefCell<Option<Seat>>; SEATS],
    strikes: Cell<u32>,
    /// So often one was found in its second place.
    second: Cell<u32>,
    /// So many large ones were retired when it was last looked whether there are seats at them.
    told: Cell<usize>,
    /// What nobody else held when this thread left it.
    leaving: RefCell<Leaving>,
}

thread_local! {
    static SEATS_HERE: Seats = Seats::new();
}

/// So many large shelves were retired.
static RETIRED: AtomicUsize = AtomicUsize::new(0);

/// Whoever sits at a large one that is retired leaves when it next asks a table.
pub(super) fn tell_all() {
    // ORDERING: a hint.
    RETIRED.fetch_add(1, Ordering::Relaxed);
}

/// With no lock held: drops some of what is in use no more.
#[inline]
pub(in crate::table) fn look_round() {
    // ORDERING: a hint.
    let retired = RETIRED.load(Ordering::Relaxed);
    if retired == 0 {
        return;
    }
    let told = SEATS_HERE.try_with(|here| {
        let mut leaving = here.leaving.borrow_mut();
        if !leaving.is_empty() {
            leaving.drop_some();
        }
        here.told.replace(retired)
    });
    if told.ok() != Some(retired) {
        leave();
    }
}

/// The number of the seat at the shelves of another context.
pub(super) fn next() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    // ORDERING: a number, and nothing else.
    NEXT.fetch_add(1, Ordering::Relaxed) % SEATS
}

/// By which a shelf is known.
pub(super) fn at(shelf: &Arc<Shelf>, seat: usize) -> usize {
    const { assert!(align_of::<Shelf>() >= SEATS) };
    Arc::as_ptr(shelf).addr() | seat
}

/// What was found, of which only the type is known.
pub(in crate::table) struct Found<'a> {
    pub(in crate::table) item: &'a Item,
    fresh: Fresh,
    pub(in crate::table) seat: &'a Seat,
}

impl Found<'_> {
    /// Is it served whatever the time is?
    #[inline]
    pub(in crate::table) fn is_fresh_for_ever(&self) -> bool {
        self.fresh == Fresh::FOR_EVER
    }

    /// Is it served without further ado?
    #[inline]
    pub(in crate::table) fn is_fresh(&self, now: Moment) -> bool {
        self.seat.shelf.is_fresh(self.fresh, now)
    }
}

impl Seats {
    const fn new() -> Self {
        Self {
            seats: [const { RefCell::new(None) }; SEATS],
            strikes: Cell::new(0),
            second: Cell::new(0),
            told: Cell::new(0),
            leaving: RefCell::new(Leaving::new()),
        }
    }

    /// One was found in its second place.
    #[cold]
    fn come_forward(&self, at: usize) {
        let times = self.second.get() + 1;
        self.second.set(times % OFTEN);
        let mut places = self.of(at).map(RefCell::try_borrow_mut);
        let (Some(Ok(mut first)), Some(Ok(mut second))) = (places.next(), places.next()) else {
            return;
        };
        // Whose first place it is may be in the second.
        let may_change = |seat: &Seat| seat.at % SEATS == at % SEATS;
        if times == OFTEN && first.as_ref().is_none_or(may_change) {
            core::mem::swap(&mut *first, &mut *second);
        }
    }

    /// Where a seat for that shelf may be.
    #[inline]
    fn of(&self, at: usize) -> impl Iterator<Item = &RefCell<Option<Seat>>> {
        (0..WAYS).map(move |way| &self.seats[at.wrapping_add(way) % SEATS])
    }
}

/// In the seat at that shelf. `None`: this thread has none.
#[inline]
pub(in crate::table) fn seated<R>(at: usize, work: impl FnOnce(&Seat) -> R) -> Option<R> {
    // A thread that is ending has none.
    let looked = SEATS_HERE.try_with(|here| {
        for (way, seat) in here.of(at).enumerate() {
            // Taken apart at the moment, or not: then it is not needed.
            let Ok(seat) = seat.try_borrow() else {
                continue;
            };
            let Some(there) = seat.as_ref().filter(|seat| seat.at == at) else {
                continue;
            };
            let result = work(there);
            drop(seat);
            if way > 0 {
                here.come_forward(at);
            }
            return Some(result);
        }
        None
    });
    looked.unwrap_or(None)
}

/// The same at the first look: what is served of what is where it belongs. `None` says nothing.
/// `kept`: as most values of the kind are held.
#[inline]
pub(in crate::table) fn glance<R>(
    at: usize,
    hash: u64,
    kept: bool,
    serve: impl FnOnce(Found<'_>) -> Option<R>,
) -> Option<R> {
    let looked = SEATS_HERE.try_with(move |here| {
        let seat = here.seats[at % SEATS].try_borrow().ok()?;
        let seat = seat.as_ref().filter(|seat| seat.at == at)?;
        let slot = seat.shelf.of(hash).next()?;
        let fresh = slot.fresh();
        let serve = move |item: &Item| serve(Found { item, fresh, seat });
        match (slot, kept) {
            (Slot::Kept { item, .. }, true) => serve(&**item),
            (Slot::Seen { item, .. }, false) => serve_seen(item, serve),
            _ => None,
        }
    });
    looked.ok()?
}

/// There is a shelf at which this thread has no seat: may it have one?
pub(in crate::table) fn wants_seat(at: usize) -> bool {
    leave();
    let free = |seat: &RefCell<Option<Seat>>| seat.try_borrow().is_ok_and(|seat| seat.is_none());
    let wants = SEATS_HERE.try_with(|here| {
        let strikes = here.strikes.get() + 1;
        let wants = here.of(at).any(free) || strikes >= STRIKES;
        here.strikes.set(if wants { 0 } else { strikes });
        wants
    });
    wants.unwrap_or(false)
}

impl Seat {
    /// This thread has it from now on.
    pub(in crate::table) fn take((at, shelf, count): (usize, Arc<Shelf>, Arc<Counter>)) {
        let seat = Self {
            at,
            shelf,
            count,
            asked: Cell::new(0),
        };
        let _ = SEATS_HERE.try_with(|here| {
            let free =
                |seat: &&RefCell<_>| seat.try_borrow().is_ok_and(|seat| Option::is_none(&seat));
            let place = here.of(at).find(free).or(here.of(at).next());
            // Somebody may be sitting there: a comparison that asks for something.
            if let Some(Ok(mut place)) = place.map(RefCell::try_borrow_mut) {
                *place = Some(seat);
            }
        });
    }

    /// What has that hash, until that is served. Foreign, with no lock held.
    pub(in crate::table) fn find(&self, hash: u64, serve: &mut dyn FnMut(Found<'_>) -> bool) {
        let seat = self;
        let _ = self.shelf.of(hash).any(|slot| {
            let fresh = slot.fresh();
            let serve = |item: &Item| serve(Found { item, fresh, seat }).then_some(());
            slot.serve(serve).is_some()
        });
    }

    /// Something that was found is about to be served.
    #[inline]
    pub(in crate::table) fn count(&self) {
        self.count.add();
    }

    /// Is it time to ask the table, so that it forgets what is over?
    #[inline]
    pub(in crate::table) fn is_to_ask(&self, now: Moment) -> bool {
        let tick = now.0 >> TICK;
        self.asked.get() != tick
    }

    /// The same for who does so.
    pub(in crate::table) fn asks(&self, now: Moment) -> bool {
        let is_to_ask = self.is_to_ask(now);
        self.asked.set(now.0 >> TICK);
        is_to_ask
    }
}

/// Lets go of what is of no use any more.
pub(in crate::table) fn leave() {
    let _ = SEATS_HERE.try_with(|here| {
        for seat in &here.seats {
            let Ok(mut seat) = seat.try_borrow_mut() else {
                continue;
            };
            let left = seat.take_if(|seat| seat.shelf.is_retired());
            // Of a large one this thread was the last at, whose context is gone: by and by.
            if let Some(shelf) = left.and_then(|seat| Arc::into_inner(seat.shelf)) {
                here.leaving.borrow_mut().push(Arc::new(shelf));
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::FEW;
    use super::super::tally::Tally;
    use super::*;

    #[test]
    fn a_shelf_is_known_by_its_address_and_by_its_seat() {
        let shelves = [(); 2].map(|()| Arc::new(Shelf::new(1)));
        for seat in 0..SEATS {
            let known = [0, 1].map(|shelf: usize| at(&shelves[shelf], seat));
            assert_ne!(known[0], known[1]);
            assert_eq!(known.map(|at| at % SEATS), [seat; 2]);
        }
    }

    fn sit(seat: usize) -> usize {
        let shelf = Arc::new(Shelf::new(1));
        let at = at(&shelf, seat);
        Seat::take((at, shelf, Tally::new().open()));
        at
    }

    /// A large one: who only asks tables would keep it for ever.
    #[test]
    fn who_looks_round_leaves_what_is_retired() {
        let shelf = Arc::new(Shelf::new(4 * FEW));
        Seat::take((at(&shelf, 5), shelf.clone(), Tally::new().open()));
        look_round();
        assert_eq!(Arc::strong_count(&shelf), 2);
        shelf.retire();
        look_round();
        assert_eq!(Arc::strong_count(&shelf), 1);
    }

    fn first(seat: usize) -> usize {
        SEATS_HERE.with(|here| here.seats[seat].borrow().as_ref().map_or(0, |seat| seat.at))
    }

    #[test]
    fn who_is_asked_often_comes_to_the_first_place() {
        let (one, other) = (sit(3), sit(3));
        assert_eq!([first(3), first(4)], [one, other]);
        for time in 1..=OFTEN {
            assert_eq!(first(3), one, "before time {time}");
            assert!(seated(one, |_| ()).is_some() && seated(other, |_| ()).is_some());
        }
        assert_eq!([first(3), first(4)], [other, one]);
        // But not to where somebody has his second.
        let third = sit(4);
        for _ in 0..2 * OFTEN {
            assert!(seated(third, |_| ()).is_some());
        }
        assert_eq!([first(4), first(5)], [one, third]);
        assert!(seated(one, |_| ()).is_some());
    }
}
