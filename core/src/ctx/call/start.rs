//! The first polls of a call: a hit, a run in flight to join, or a fresh one.
use super::CallFuture;
use crate::ctx::ticket::Special;
use crate::ctx::wait::Wait;
use crate::ctx::{Counts, Source, outcome, panicked, ticket};
use crate::cycle::Search;
use crate::drive::{self, Around};
use crate::entry::{Entry, Flight, Node};
use crate::error::{Error, Label, Lack};
use crate::freshness::Age;
use crate::guard::{catch, drop_quietly};
use crate::ready::ReadySet;
use crate::state::Join;
use crate::sync::{Arc, share};
use crate::table::{Key, Life, Lookup, Want};
use crate::task::Task;
use alloc::boxed::Box;
use core::task::Waker;

/// Nothing is remembered that may be served.
pub(super) enum Missed {
    /// That is what there is of a call with that hash.
    Found(u64, Lookup),
    /// It is to be looked up by those who would run it.
    Unknown,
}

enum Created<I> {
    Fresh(Wait, I, Option<Box<Special>>),
    Lacks(Lack),
    Found(Lookup),
}

impl<S: Send + Sync + 'static, T: Task<S>> CallFuture<'_, S, T> {
    /// A hit, if there is one. Foreign: hashes, compares and clones.
    #[inline]
    pub(super) fn look(&mut self) -> Result<Result<T::Output, Error>, Missed> {
        if self.refresh {
            return Err(Missed::Unknown);
        }
        let input = self.input.as_ref().expect("not ready yet");
        let engine = &self.ctx.engine;
        let key = self.ctx.key::<T>(input);
        if let Some(outcome) = engine.table.hit_shelved(&key) {
            return Ok(outcome);
        }
        match engine.table.hit::<_, T::Output>(&key) {
            Ok(hit) => {
                let served = match &hit.life {
                    None => true,
                    Some(life) => self.is_served(&hit.node, life),
                };
                let outcome = served.then(|| outcome::<S, T>(&hit.node)).flatten();
                drop_quietly(hit.node);
                outcome.ok_or(Missed::Unknown)
            }
            Err(found) => Err(Missed::Found(key.hash, found)),
        }
    }

    /// May it be served? If a newer one is due, somebody has to see to it.
    #[inline(never)]
    fn is_served(&mut self, node: &Arc<dyn Node>, life: &Life) -> bool {
        let Some((age, now)) = self.ctx.engine.judge(node, life) else {
            return false;
        };
        match age {
            Age::Good => {}
            Age::Due if life.renewing => {}
            Age::Due if self.ctx.engine.host.executor.is_some() => {
                // What is served needs none of it.
                let _ = catch(|| self.renew_behind(node, life));
            }
            // Nobody does it behind us.
            Age::Due if !life.is_stale(now) => {}
            Age::Due | Age::Late => {
                self.ctx.engine.table.missed();
                self.renew(node, life);
                return false;
            }
        }
        self.note_served(life, now);
        true
    }

    /// It is run anew, and what is remembered is served only if that fails.
    fn renew(&mut self, node: &Arc<dyn Node>, life: &Life) {
        self.refresh = true;
        self.keep_old(node, life);
    }

    /// The executor runs it, for whoever comes later. Foreign: clones.
    fn renew_behind(&self, node: &Arc<dyn Node>, life: &Life) {
        let input = self.input.as_ref().expect("not ready yet");
        // From outside: it is finished, whoever leaves.
        let ctx = self.ctx.clone();
        let mut call = CallFuture::<S, T>::new(&ctx, input.clone()).apart();
        call.behind = true;
        call.renew(node, life);
        let _ = call.start(Waker::noop(), Missed::Unknown);
        call.leave();
        call.forget();
    }

    fn want(&self) -> Want<'_> {
        match self.old() {
            Some(old) => Want::Newer(&old.node, old.life.ages),
            None if self.refresh => Want::Anew,
            None => Want::Any,
        }
    }

    /// Joins a run in flight, or creates one.
    #[inline(never)]
    pub(super) fn start(
        &mut self,
        waker: &Waker,
        missed: Missed,
    ) -> Option<Result<T::Output, Error>> {
        self.ctx.check_deadline();
        let input = self.input.as_ref().expect("not ready yet");
        let around = self.around(waker);
        let found = catch(|| {
            let (key, found) = match missed {
                Missed::Found(hash, found) => (self.ctx.key_of::<T>(hash, input), found),
                Missed::Unknown => {
                    let key = self.ctx.key::<T>(input);
                    let found = (self.ctx.engine.table).lookup::<_, T::Output>(&key, self.want());
                    (key, found)
                }
            };
            match found {
                Lookup::Vacant => self.create(&key, &around),
                found => Created::Found(found),
            }
        });
        match found {
            Err(message) => Some(Err(panicked::<S, T>(input, message))),
            Ok(Created::Lacks(lack)) => {
                let label = Label(T::label).of(input);
                Some(Err(Error::no_timer(label, lack)))
            }
            Ok(Created::Found(Lookup::Closed | Lookup::Expired)) => Some(Err(self.refused())),
            Ok(Created::Found(Lookup::InFlight(node))) if self.behind => {
                drop_quietly(node);
                None
            }
            Ok(Created::Found(Lookup::InFlight(node))) => self.join(node, &around),
            // Settled meanwhile, or vacant again: look once more.
            Ok(Created::Found(Lookup::Settled | Lookup::Vacant)) => {
                if let Some(old) = self.take_old() {
                    drop_quietly(old.node);
                    self.refresh = false;
                }
                None
            }
            Ok(Created::Fresh(wait, input, special)) => {
                match self.begin(wait, input, special, &around) {
                    true => Some(self.collect()),
                    false => None,
                }
            }
        }
    }

    /// Publishes a fresh run, unless somebody is faster. Foreign: asks, clones and compares.
    fn create(&self, key: &Key<'_, T::Input>, around: &Around) -> Created<T::Input> {
        let special = match Special::of::<S, T>(&self.ctx.engine, self.refresh, self.behind) {
            Ok(special) => special,
            Err(lack) => return Created::Lacks(lack),
        };
        let (theirs, ours) = (key.input.clone(), key.input.clone());
        let engine = &self.ctx.engine;
        let flight = engine.flight();
        let label = Label(T::label);
        let entry =
            Entry::<T::Input, T::Output>::new(key.hash, key.task, theirs, label, flight.clone());
        let node = share!(entry => dyn Node);
        let parent = self.ctx.run.as_ref();
        let set = match self.apart {
            true => Some(ReadySet::new(engine.host.clone())),
            false => self.set_around(around),
        };
        flight.begin(node.clone(), parent.cloned(), around.outside, set);
        let ask = parent.map(|run| run.ask(flight.clone()));
        let found = catch(|| (engine.table).insert::<_, T::Output>(key, &node, self.want()));
        if !matches!(found, Ok(Lookup::Vacant)) {
            if let (Some(run), Some(ask)) = (parent, ask) {
                run.asked(ask);
            }
            flight.abort();
            drop_quietly(node);
            // A comparison that panics will do so again.
            return Created::Found(found.unwrap_or(Lookup::Vacant));
        }
        let wait = Wait::new(node, flight, 0, ask, self.apart);
        Created::Fresh(wait, ours, special)
    }

    /// What is created within a run, through a handle that does not know it, belongs to
    /// that run's set: a chain of such runs is one set, not a chain of sets.
    fn set_around(&self, around: &Around) -> Option<Arc<ReadySet<Flight>>> {
        let around = around.run.as_ref()?;
        (around.host.is(&self.ctx.engine.host)).then(|| drive::set_of(around))
    }

    /// Starts what was created. `true`: it is over.
    fn begin(
        &mut self,
        wait: Wait,
        input: T::Input,
        special: Option<Box<Special>>,
        around: &Around,
    ) -> bool {
        self.note_run(Source::Ran);
        let flight = wait.flight.clone();
        let body = ticket::body::<S, T>(self.ctx, &wait, input, special);
        self.wait = Some(wait);
        if self.apart {
            drive::postpone(&flight, body);
            return false;
        }
        let below = self.ctx.run.as_ref().or(around.run.as_ref());
        drive::start(&flight, body, below.map_or(0, |run| run.depth() + 1))
    }

    /// The outcome of what we created and polled to its end, which nobody has to tell us of.
    fn collect(&mut self) -> Result<T::Output, Error> {
        let wait = self.wait.take().expect("we wait");
        let engine = &self.ctx.engine;
        if let (Some(run), Some(ask)) = (&self.ctx.run, wait.ask) {
            run.asked(ask);
        }
        engine.spare.keep(wait.flight);
        match engine.table.is_closed() {
            true => {
                drop_quietly(wait.node);
                Err(Error::cancelled())
            }
            false => (self.settled(wait.node)).unwrap_or_else(|| Err(self.refused())),
        }
    }

    /// Nothing, where our own handle knows the run.
    fn around(&self, waker: &Waker) -> Around {
        match self.ctx.run {
            None if self.behind => Around {
                run: None,
                outside: true,
            },
            None => drive::around(waker, self.ctx.engine.address()),
            Some(_) => Around {
                run: None,
                outside: false,
            },
        }
    }

    fn join(&mut self, node: Arc<dyn Node>, around: &Around) -> Option<Result<T::Output, Error>> {
        let Some(flight) = node.head().flight() else {
            drop_quietly(node);
            return None;
        };
        let (found, slot, ask) = match &self.ctx.run {
            None => {
                let (found, slot) = flight.join(None, around.outside);
                (found, slot, None)
            }
            Some(run) => match self.join_from(run, &flight) {
                Ok(joined) => joined,
                Err(cycle) => return Some(Err(cycle)),
            },
        };
        // Not before: a run that is found in flight may be over by now, and be hit.
        if matches!(found, Join::Joined | Join::Revived | Join::Settled) {
            Counts::add(&self.ctx.engine.counts.joins);
            self.note_run(Source::Joined);
        }
        match found {
            Join::Joined | Join::Revived => {
                let revived = (found == Join::Revived).then(|| flight.clone());
                self.wait = Some(Wait::new(node, flight, slot, ask, true));
                revived.iter().for_each(Flight::push);
                None
            }
            Join::Cancelled => Some(Err(self.refused())),
            Join::Settled => self.settled(node),
            Join::Dropped => None,
        }
    }

    /// Joins from within a run, if that closes no circle.
    fn join_from(
        &self,
        run: &Arc<Flight>,
        flight: &Arc<Flight>,
    ) -> Result<(Join, usize, Option<usize>), Error> {
        let mut search = Search::new(run, flight); // outlives the lock
        let joined = self.ctx.engine.graph.with(|searches| {
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
