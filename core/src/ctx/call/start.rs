//! The first polls of a call: a hit, a run in flight to join, or a fresh one.
use super::CallFuture;
use super::old::Rare;
use super::publish::{Begun, Fresh};
use crate::ctx::terms::Time;
use crate::ctx::ticket::Special;
use crate::ctx::wait::Wait;
use crate::ctx::{Counts, Of, Source, ticket};
use crate::drive::Around;
use crate::entry::{Entry, Flight, Node};
use crate::error::{Error, Lack};
use crate::freshness::Age;
use crate::guard::{catch, drop_quietly};
use crate::state::Join;
use crate::sync::{Arc, share};
use crate::table::{Key, Life, Lookup, Seeker, Want};
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

/// What a look comes to that is no hit.
pub(super) enum Look {
    Missed(Missed),
    /// There was nothing, and a run begins.
    Begun(Fresh),
}

enum Created {
    Fresh(Fresh, Option<Box<Special>>),
    Lacks(Lack),
    Found(Lookup),
}

/// Looks for a hit; where there is nothing, a run begins.
struct First<'a, 'c, S: Send + Sync + 'static, T: Task<S>> {
    call: &'a mut CallFuture<'c, S, T>,
    hash: u64,
    waker: &'a Waker,
    /// There is nothing to ask about it first.
    begins: bool,
    fresh: Option<Fresh>,
}

impl<S: Send + Sync + 'static, T: Task<S>> Seeker for First<'_, '_, S, T> {
    #[inline]
    fn is(&mut self, node: &Arc<dyn Node>) -> bool {
        let entry = Entry::<Of<S, T>>::of(node);
        entry.is_some_and(|entry| self.call.input.as_ref() == Some(&entry.input))
    }

    fn enter(&mut self) -> Option<Arc<dyn Node>> {
        let mut input = self.call.input.take_if(|_| self.begins);
        input.as_ref()?;
        let (ctx, hash) = (self.call.ctx, self.hash);
        let around = ctx.around(self.waker, false);
        let fresh = ctx.create(around, self.call.apart, &mut |flight| {
            let input = input.take().expect("asked for once");
            share!(Entry::<Of<S, T>>::new(hash, input, flight) => dyn Node)
        });
        let node = fresh.node.clone();
        self.fresh = Some(fresh);
        Some(node)
    }
}

impl<S: Send + Sync + 'static, T: Task<S>> CallFuture<'_, S, T> {
    /// A hit that is found at the first glance, as most are. Foreign: hashes, compares and clones.
    #[inline]
    pub(super) fn glance(&self, time: &Time) -> Option<Result<T::Output, Error>> {
        let input = self.input.as_ref()?;
        let engine = &self.ctx.engine;
        if self.wait.is_some() || self.refresh || self.rare.is_some() {
            return None;
        }
        let hash = || self.ctx.key::<T>(input).hash;
        (engine.table).hit_at_once::<Of<S, T>, _>(input, hash, || time.of(engine))
    }

    /// A hit, if there is one. Foreign: hashes, compares and clones.
    #[inline]
    pub(super) fn look(
        &mut self,
        time: &Time,
        waker: &Waker,
    ) -> Result<Result<T::Output, Error>, Look> {
        if self.refresh {
            return Err(Look::Missed(Missed::Unknown));
        }
        let input = self.input.as_ref().expect("not ready yet");
        let key = self.ctx.key::<T>(input);
        if self.ctx.engine.table.has_shelf() {
            if let Some(outcome) = self.look_on_shelf(&key, time) {
                return Ok(outcome);
            }
        }
        self.look_up(key.hash, time, waker)
    }

    #[inline(never)]
    fn look_on_shelf(
        &self,
        key: &Key<'_, Of<S, T>, T::Input>,
        time: &Time,
    ) -> Option<Result<T::Output, Error>> {
        // Who takes notes is told more than is known there of what ages.
        let now = || match self.rare {
            None => time.of(&self.ctx.engine),
            Some(_) => None,
        };
        self.ctx.engine.table.hit_shelved(key, now)
    }

    #[inline(never)]
    fn look_up(
        &mut self,
        hash: u64,
        time: &Time,
        waker: &Waker,
    ) -> Result<Result<T::Output, Error>, Look> {
        let engine = &self.ctx.engine;
        let mut first = First {
            begins: Special::is_needless::<S, T>(engine),
            call: self,
            hash,
            waker,
            fresh: None,
        };
        let found = engine.table.hit::<Of<S, T>>(hash, &mut first);
        if let Some(fresh) = first.fresh {
            return Err(Look::Begun(fresh));
        }
        match found {
            Ok(hit) => {
                let served = match &hit.life {
                    None => true,
                    Some(life) => self.is_served(&hit.node, life, time),
                };
                if !served {
                    drop_quietly(hit.node);
                    return Err(Look::Missed(Missed::Unknown));
                }
                let outcome = self.settled(hit.node);
                outcome.ok_or(Look::Missed(Missed::Unknown))
            }
            Err(found) => Err(Look::Missed(Missed::Found(hash, found))),
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
        let (hash, found) = match missed {
            Missed::Found(hash, found) => (Some(hash), found),
            Missed::Unknown => (None, Lookup::Vacant),
        };
        self.ctx.check_deadline();
        match catch(|| self.find_or_create(waker, hash, found)) {
            Err(message) => Some(Err(self.panicked(message))),
            Ok(Created::Lacks(lack)) => Some(Err(Error::no_timer(self.label(), lack))),
            Ok(Created::Found(Lookup::Closed | Lookup::Expired)) => Some(Err(self.refused())),
            Ok(Created::Found(Lookup::InFlight(node))) if self.behind => {
                drop_quietly(node);
                None
            }
            Ok(Created::Found(Lookup::InFlight(node))) => {
                let around = self.ctx.around(waker, self.behind);
                self.join(node, &around)
            }
            // Settled meanwhile, or vacant again: look once more.
            Ok(Created::Found(Lookup::Settled | Lookup::Vacant)) => {
                if let Some(old) = self.take_old() {
                    drop_quietly(old.node);
                    self.refresh = false;
                }
                None
            }
            Ok(Created::Fresh(fresh, special)) => self.begin(fresh, special),
        }
    }

    /// `found`: what there is of a call with that hash. Without one, it is to be looked up. Foreign:
    /// hashes, asks, clones and compares.
    fn find_or_create(&self, waker: &Waker, hash: Option<u64>, found: Lookup) -> Created {
        let input = self.input.as_ref().expect("not ready yet");
        let (key, found) = match hash {
            Some(hash) => (Key::new(hash, input), found),
            None => {
                let key = self.ctx.key::<T>(input);
                let found = self.ctx.engine.table.lookup(&key, self.want());
                (key, found)
            }
        };
        match found {
            Lookup::Vacant => self.create(waker, &key),
            found => Created::Found(found),
        }
    }

    /// Publishes a fresh run, unless somebody is faster.
    fn create(&self, waker: &Waker, key: &Key<'_, Of<S, T>, T::Input>) -> Created {
        let engine = &self.ctx.engine;
        let special = match Special::of::<S, T>(engine, self.refresh, self.behind) {
            Ok(special) => special,
            Err(lack) => return Created::Lacks(lack),
        };
        let mut input = Some(key.input().clone());
        let around = self.ctx.around(waker, self.behind);
        let fresh = self.ctx.create(around, self.apart, &mut |flight| {
            let input = input.take().expect("asked for once");
            share!(Entry::<Of<S, T>>::new(key.hash, input, flight) => dyn Node)
        });
        match catch(|| engine.table.insert(key, &fresh.node, self.want())) {
            Ok(Lookup::Vacant) => Created::Fresh(fresh, special),
            found => {
                self.ctx.take_back(fresh);
                // A comparison that panics will do so again.
                Created::Found(found.unwrap_or(Lookup::Vacant))
            }
        }
    }

    /// Starts what was created. `None`: it is waited for.
    #[inline(never)]
    pub(super) fn begin(
        &mut self,
        fresh: Fresh,
        special: Option<Box<Special>>,
    ) -> Option<Result<T::Output, Error>> {
        Rare::note_run(&mut self.rare, Source::Ran);
        let body = ticket::body::<S, T>(self.ctx, &fresh.node, &fresh.flight, special);
        let begun = Begun::new(fresh, &mut self.wait);
        let node = begun.launch(body)?;
        // Which nobody has to tell us of.
        let closed = self.ctx.engine.table.is_closed();
        let outcome = (!closed).then(|| Self::outcome(node));
        let Fresh {
            node, flight, ask, ..
        } = begun.take()?;
        self.ctx.asked(ask);
        self.ctx.engine.spare.keep(flight);
        drop_quietly(node);
        Some(match outcome {
            None => Err(Error::cancelled()),
            // Without an outcome it was dropped, as the context came to its end.
            Some(outcome) => outcome.unwrap_or_else(|| Err(self.refused())),
        })
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
