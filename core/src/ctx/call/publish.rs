//! What there is to do about a run that is the same for all tasks: compiled once, and not for each.
use crate::ctx::Ctx;
use crate::ctx::wait::Wait;
use crate::cycle::Search;
use crate::drive::{self, Around};
use crate::entry::{Body, Flight, Node};
use crate::error::Error;
use crate::guard::drop_quietly;
use crate::ready::ReadySet;
use crate::state::Join;
use crate::sync::Arc;
use crate::table::Lookup;
use core::task::Waker;

/// What a caller found, its place among the callers, and the one among what its own run asks for.
type Joined = (Join, usize, Option<usize>);

/// Puts an entry into the table, or says what is there.
type Insert<'a> = &'a mut dyn FnMut(&Arc<dyn Node>) -> Result<(), Lookup>;

impl<S> Ctx<S> {
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

    /// Publishes a fresh run by that, unless somebody is faster.
    #[inline(never)]
    pub(super) fn publish(
        &self,
        node: Arc<dyn Node>,
        flight: Arc<Flight>,
        around: &Around,
        apart: bool,
        insert: Insert<'_>,
    ) -> Result<Wait, Lookup> {
        let parent = self.run.as_ref();
        let set = match apart {
            true => None,
            false => self.set_around(around),
        };
        flight.begin(node.clone(), parent.cloned(), around.outside, set);
        if apart {
            flight.set_apart();
        }
        let ask = parent.map(|run| run.ask(flight.clone()));
        match insert(&node) {
            Ok(()) => Ok(Wait::of_fresh(node, flight, ask, apart)),
            Err(found) => {
                if let (Some(run), Some(ask)) = (parent, ask) {
                    run.asked(ask);
                }
                flight.abort();
                drop_quietly(node);
                Err(found)
            }
        }
    }

    /// What is created within a run, through a handle that does not know it, belongs to
    /// that run's set: a chain of such runs is one set, not a chain of sets.
    fn set_around(&self, around: &Around) -> Option<Arc<ReadySet<Flight>>> {
        let around = around.run.as_ref()?;
        (around.host.is(&self.engine.host)).then(|| drive::set_of(around))
    }

    /// Starts what was published. `true`: it is over.
    pub(super) fn launch(
        &self,
        flight: &Arc<Flight>,
        body: Body,
        around: &Around,
        apart: bool,
    ) -> bool {
        if apart {
            drive::put_by(flight, body);
            return false;
        }
        let below = self.run.as_ref().or(around.run.as_ref());
        drive::start(flight, body, below.map_or(0, |run| run.depth() + 1))
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
