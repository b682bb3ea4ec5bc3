//! The first polls of a call: a hit, a run in flight to join, or a fresh one.
use super::CallFuture;
use super::old::Rare;
use crate::ctx::terms::Time;
use crate::ctx::ticket::Special;
use crate::ctx::wait::Wait;
use crate::ctx::{Counts, Source, panicked, ticket};
use crate::drive::Around;
use crate::entry::{Entry, Flight, Node};
use crate::error::{Error, Label, Lack};
use crate::freshness::Age;
use crate::guard::{catch, drop_quietly};
use crate::state::Join;
use crate::sync::{Arc, share};
use crate::table::{Key, Life, Lookup, Want};
use crate::task::Task;
use alloc::boxed::Box;
use core::any::TypeId;
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
    /// A hit that is found at the first glance, as most are. Foreign: hashes, compares and clones.
    #[inline]
    pub(super) fn glance(&self, time: &Time) -> Option<Result<T::Output, Error>> {
        let input = self.input.as_ref()?;
        if self.wait.is_some() || self.refresh || self.rare.is_some() {
            return None;
        }
        let engine = &self.ctx.engine;
        let (task, hash) = (TypeId::of::<T>(), || self.ctx.key::<T>(input).hash);
        (engine.table).hit_at_once::<T::Input, _, _>(task, input, hash, || time.of(engine))
    }

    /// A hit, if there is one. Foreign: hashes, compares and clones.
    #[inline]
    pub(super) fn look(&mut self, time: &Time) -> Result<Result<T::Output, Error>, Missed> {
        if self.refresh {
            return Err(Missed::Unknown);
        }
        let input = self.input.as_ref().expect("not ready yet");
        let engine = &self.ctx.engine;
        let key = self.ctx.key::<T>(input);
        // Who takes notes is told more than is known there of what ages.
        let now = || self.rare.is_none().then(|| time.of(engine)).flatten();
        if let Some(outcome) = (engine.table).hit_shelved::<T::Input, _, _>(key, now) {
            return Ok(outcome);
        }
        match engine.table.hit::<T::Input, T::Output, _>(&key) {
            Ok(hit) => {
                let served = match &hit.life {
                    None => true,
                    Some(life) => self.is_served(&hit.node, life, time),
                };
                if !served {
                    drop_quietly(hit.node);
                    return Err(Missed::Unknown);
                }
                self.settled(hit.node).ok_or(Missed::Unknown)
            }
            Err(found) => Err(Missed::Found(key.hash, found)),
        }
    }

    /// May it be served? If a newer one is due, somebody has to see to it.
    #[inline(never)]
    fn is_served(&mut self, node: &Arc<dyn Node>, life: &Life, time: &Time) -> bool {
        let Some((age, now)) = self.ctx.engine.judge(node, life, time) else {
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
        Rare::note_served(&mut self.rare, &self.ctx.engine, life, now);
        true
    }

    /// It is run anew, and what is remembered is served only if that fails.
    fn renew(&mut self, node: &Arc<dyn Node>, life: &Life) {
        self.refresh = true;
        Rare::keep_old(&mut self.rare, node, life);
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
        let around = self.ctx.around(waker, self.behind);
        let found = catch(|| {
            let (key, found) = match missed {
                Missed::Found(hash, found) => {
                    let task = TypeId::of::<T>();
                    (Key { hash, task, input }, found)
                }
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
        let mut insert = |node: &_| {
            match catch(|| (engine.table).insert::<_, T::Output>(key, node, self.want())) {
                Ok(Lookup::Vacant) => Ok(()),
                Ok(found) => Err(found),
                // A comparison that panics will do so again.
                Err(_) => Err(Lookup::Vacant),
            }
        };
        match (self.ctx).publish(node, flight, around, self.apart, &mut insert) {
            Ok(wait) => Created::Fresh(wait, ours, special),
            Err(found) => Created::Found(found),
        }
    }

    /// Starts what was created. `true`: it is over.
    fn begin(
        &mut self,
        wait: Wait,
        input: T::Input,
        special: Option<Box<Special>>,
        around: &Around,
    ) -> bool {
        Rare::note_run(&mut self.rare, Source::Ran);
        let flight = wait.flight.clone();
        let body = ticket::body::<S, T>(self.ctx, &wait, input, special);
        self.wait = Some(wait);
        self.ctx.launch(&flight, body, around, self.apart)
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

    fn join(&mut self, node: Arc<dyn Node>, around: &Around) -> Option<Result<T::Output, Error>> {
        let Some(flight) = node.head().flight() else {
            drop_quietly(node);
            return None;
        };
        let (found, slot, ask) = match self.ctx.join(&flight, around) {
            Ok(joined) => joined,
            Err(cycle) => return Some(Err(cycle)),
        };
        // Not before: a run that is found in flight may be over by now, and be hit.
        if matches!(found, Join::Joined | Join::Revived | Join::Settled) {
            Counts::add(&self.ctx.engine.counts.joins);
            Rare::note_run(&mut self.rare, Source::Joined);
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
}
