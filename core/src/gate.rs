//! At most so many runs of a task at once: whose turn it is.
//!
//! Bookkeeping only: whoever changes it wakes and unlinks, with no lock held, what comes out.
//! Those who wait are served in the order of their coming, but runs that were inside before, and
//! stepped aside to wait for another run, go first: what they hold is freed the sooner.
mod books;

use crate::notify::{Caller, Notify, Told};
use crate::ready::ReadySet;
use crate::sync::{Arc, Lock};
use alloc::vec::Vec;
use books::{Books, Pass, Stage, address};

pub(crate) struct Gate<R> {
    /// Linked from the sets of those inside into those of them who wait, while somebody does: who
    /// waits drives those he waits for.
    pub(crate) hub: Arc<ReadySet<R>>,
    books: Lock<Books<R>>,
}

/// How many at most.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) inside: usize,
    pub(crate) waiting: usize,
}

/// A set, and the slot of a subscription there.
pub(crate) type Link<R> = (Arc<ReadySet<R>>, usize);

/// A run that is to be linked to the hub.
pub(crate) struct Unlinked<R> {
    pub(crate) run: Arc<R>,
    pub(crate) waits: bool,
}

#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entered {
    Inside,
    Waiting,
    /// Too many wait.
    Full,
}

/// What is to be done with no lock held.
#[must_use]
pub(crate) struct Changes<R> {
    pub(crate) told: Told,
    pub(crate) unlinked: Vec<Link<R>>,
    pub(crate) gone: Gone<R>,
}

/// What is foreign in it is dropped with no lock held.
pub(crate) struct Gone<R> {
    passes: Vec<Pass<R>>,
    spare: Option<Notify>,
}

impl<R> Gate<R> {
    pub(crate) fn new(hub: Arc<ReadySet<R>>, bounds: Bounds) -> Self {
        Self {
            hub,
            books: Lock::new(Books::new(bounds)),
        }
    }

    /// More may go in now, perhaps.
    pub(crate) fn set_bounds(&self, bounds: Bounds) -> Changes<R> {
        self.change(|books, _| books.bounds = bounds).1
    }

    /// A run that was never here.
    /// `counts`: among those who wait; too many of them are refused.
    pub(crate) fn enter(
        &self,
        run: &Arc<R>,
        counts: bool,
        caller: Caller<'_>,
        known: &mut u64,
    ) -> (Entered, Changes<R>) {
        let notify = caller.to_notify();
        self.change(|books, changes| books.enter(run, counts, (notify, known), changes))
    }

    /// May it go on? Otherwise the caller is woken when it may. `known`: 0, and then what tells it
    /// from other callers for the same run.
    pub(crate) fn may_go(
        &self,
        run: &Arc<R>,
        caller: Caller<'_>,
        known: &mut u64,
    ) -> (bool, Changes<R>) {
        let notify = caller.to_notify();
        self.change(|books, changes| books.may_go(address(run), notify, known, changes))
    }

    /// It waits for nothing any more, and goes on without asking: for a while there may be more
    /// inside than may be.
    pub(crate) fn come_back(&self, run: &Arc<R>) -> Changes<R> {
        self.change(|books, changes| books.come_back(address(run), changes))
            .1
    }

    /// It waits for another run: somebody else's turn.
    pub(crate) fn step_aside(&self, run: &Arc<R>) -> Changes<R> {
        let step = |books: &mut Books<R>, changes: &mut Changes<R>| {
            books.step_aside(address(run), changes);
        };
        self.change(step).1
    }

    /// It is over.
    pub(crate) fn leave(&self, run: &Arc<R>) -> Changes<R> {
        self.change(|books, changes| books.leave(address(run), changes))
            .1
    }

    fn change<O>(&self, work: impl FnOnce(&mut Books<R>, &mut Changes<R>) -> O) -> (O, Changes<R>) {
        let mut changes = Changes {
            told: Told::default(),
            unlinked: Vec::new(),
            gone: Gone {
                passes: Vec::new(),
                spare: None,
            },
        };
        let result = self.books.with(|books| {
            let result = work(books, &mut changes);
            books.admit(&mut changes);
            result
        });
        (result, changes)
    }

    /// If it waits for its turn, those inside: a thread that is blocked on it has to help them.
    pub(crate) fn before(&self, run: &Arc<R>) -> Option<Vec<Arc<R>>> {
        self.books.with(|books| {
            let pass = books.passes.get(&address(run))?;
            if !pass.waits() {
                return None;
            }
            let inside = books.passes.values().filter(|pass| pass.is_inside());
            let mut inside: Vec<_> = inside.collect();
            inside.sort_by_key(|pass| pass.number);
            Some(inside.into_iter().map(|pass| pass.run.clone()).collect())
        })
    }

    /// The next that is to be linked.
    pub(crate) fn unlinked(&self) -> Option<Unlinked<R>> {
        self.books.with(|books| {
            if books.waiting.is_empty() {
                return None;
            }
            let (_, next) = books.bare.pop_first()?;
            let pass = books.passes.get_mut(&next)?;
            pass.bare = None;
            Some(Unlinked {
                run: pass.run.clone(),
                waits: pass.waits(),
            })
        })
    }

    /// It was linked. Gives that back if it is not as it was.
    pub(crate) fn linked(&self, unlinked: &Unlinked<R>, link: Link<R>) -> Option<Link<R>> {
        self.books.with(
            |books| match books.passes.get_mut(&address(&unlinked.run)) {
                Some(pass)
                    if pass.link.is_none()
                        && pass.stage != Stage::Aside
                        && pass.waits() == unlinked.waits =>
                {
                    pass.link = Some(link);
                    None
                }
                _ => Some(link),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::Host;
    use core::task::Waker;

    fn gate() -> Gate<u8> {
        let bounds = Bounds {
            inside: 1,
            waiting: 1,
        };
        Gate::new(ReadySet::new(Host::bare()), bounds)
    }

    /// Whoever changes his waker is one to be woken.
    #[test]
    fn law_nothing_leaks_no_waker_of_who_polls_again() {
        let (gate, caller) = (gate(), Caller::Alone(Waker::noop()));
        let (first, second) = (Arc::new(1), Arc::new(2));
        let (entered, _) = gate.enter(&first, true, caller, &mut 0);
        assert_eq!(entered, Entered::Inside);
        let (mut own, mut thread) = (0, 0);
        let (entered, _) = gate.enter(&second, true, caller, &mut own);
        assert_eq!(entered, Entered::Waiting);
        for _ in 0..10 {
            assert!(!gate.may_go(&second, caller, &mut own).0);
            assert!(!gate.may_go(&second, caller, &mut thread).0);
        }
        let told = gate.leave(&first).told;
        assert_eq!(told.count(), 2, "the one who polls, and the thread");
        assert!(gate.may_go(&second, caller, &mut own).0);
    }
}
