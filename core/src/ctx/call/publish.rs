//! Runs that a caller creates, begins or joins.
use crate::ctx::Handle;
use crate::ctx::wait::Wait;
use crate::cycle::Search;
use crate::drive::{self, Around};
use crate::entry::{Asked, Body, Flight, Node, Origin};
use crate::error::Error;
use crate::guard::drop_quietly;
use crate::ready::ReadySet;
use crate::state::Join;
use crate::sync::Arc;
use alloc::boxed::Box;
use core::task::Waker;

/// What a caller found, its place among the callers, and the one among what its own run asks for.
type Joined = (Join, usize, Option<Asked>);

/// A run that was just created: its creator is its only caller, in the first slot.
pub(super) struct Fresh {
    pub(super) node: Arc<dyn Node>,
    pub(super) flight: Arc<Flight>,
    /// Its place among what our own run asks for.
    pub(super) ask: Option<Asked>,
    /// It is to be started by the executor.
    apart: bool,
    /// How deep its first poll is nested.
    depth: usize,
}

/// What was begun. It is waited for, unless it is taken out: also if, without `std`, a panic unwinds
/// through us. Whoever polls again, or leaves, finds what became of it.
pub(super) struct Begun<'w>(Option<Fresh>, &'w mut Option<Box<Wait>>);

impl<'w> Begun<'w> {
    pub(super) fn new(fresh: Fresh, waits: &'w mut Option<Box<Wait>>) -> Self {
        Self(Some(fresh), waits)
    }

    /// Starts it. `None`: it is not over in its first poll.
    pub(super) fn launch(&self, body: Body) -> Option<&Arc<dyn Node>> {
        let fresh = self.0.as_ref()?;
        if fresh.apart {
            drive::put_by(&fresh.flight, body);
            return None;
        }
        let over = drive::start(&fresh.flight, body, fresh.depth);
        over.then_some(&fresh.node)
    }

    pub(super) fn take(mut self) -> Option<Fresh> {
        self.0.take()
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if let Some(fresh) = self.0.take() {
            let (ask, apart) = (fresh.ask, fresh.apart);
            let wait = Wait::of_fresh(fresh.node, fresh.flight, ask, apart);
            *self.1 = Some(Box::new(wait));
        }
    }
}

impl Handle {
    /// Nothing, where our own handle knows the run, or where it is for nobody.
    pub(super) fn around(&self, waker: &Waker, behind: bool) -> Around {
        match self.run {
            None if behind => Around {
                run: None,
                outside: true,
            },
            None => drive::around(waker, self.engine.address()),
            Some(_) => Around {
                run: None,
                outside: false,
            },
        }
    }

    /// Creates a run: what `entry` makes of a flight is to be published then, or
    /// [taken back](Self::take_back). Takes locks of flights. `fresh`: where it is wanted.
    #[inline(never)]
    pub(super) fn create<'f>(
        &self,
        around: Around,
        apart: bool,
        entry: &mut dyn FnMut(Arc<Flight>) -> Arc<dyn Node>,
        fresh: &'f mut Option<Fresh>,
    ) -> &'f Fresh {
        let set = match apart {
            true => None,
            false => self.set_around(&around),
        };
        let below = self.run.as_ref().or(around.run.as_ref());
        let depth = below.map_or(0, |run| run.depth() + 1);
        let flight = self.engine.flight(Origin {
            context: self.engine.address(),
            creator: self.run.clone(),
            outside: around.outside,
            set,
            apart,
        });
        let node = entry(flight.clone());
        flight.set_entry(node.clone());
        let ask = self.run.as_ref().map(|run| run.ask(flight.clone()));
        fresh.insert(Fresh {
            node,
            flight,
            ask,
            apart,
            depth,
        })
    }

    /// Somebody was faster.
    pub(super) fn take_back(&self, fresh: Fresh) {
        self.asked(fresh.ask);
        fresh.flight.abort();
        drop_quietly(fresh.node);
    }

    /// Our own run does not wait for that any more.
    pub(super) fn asked(&self, ask: Option<Asked>) {
        if let (Some(run), Some(ask)) = (&self.run, ask) {
            run.asked(ask);
        }
    }

    /// What is created within a run, through a handle that does not know it, belongs to
    /// that run's set: a chain of such runs is one set, not a chain of sets.
    fn set_around(&self, around: &Around) -> Option<Arc<ReadySet<Flight>>> {
        let around = around.run.as_ref()?;
        (around.host.is(&self.engine.host)).then(|| drive::set_of(around))
    }

    /// Joins a run in flight, from within a run if that closes no circle.
    #[inline(never)]
    pub(super) fn join(&self, flight: &Arc<Flight>, around: &Around) -> Result<Joined, Error> {
        let Some(run) = &self.run else {
            let (found, slot) = flight.join(None, around.outside);
            return Ok((found, slot, None));
        };
        let mut search = Search::new(run, flight); // outlives the lock
        let joined = self.engine.graph.with(|searches| {
            *searches = searches.wrapping_add(1);
            if let Some(cycle) = search.run(*searches) {
                return Err(cycle);
            }
            let (found, slot) = flight.join(Some(run.clone()), false);
            let ask =
                matches!(found, Join::Joined | Join::Revived).then(|| run.ask(flight.clone()));
            Ok((found, slot, ask))
        });
        drop(search);
        joined.map_err(|cycle| Error::cycle(cycle.labels()))
    }
}
