//! The first polls of a call: a hit, a run in flight to join, or a fresh one.
use super::any::{AnyCall, Progress, Typed, serve};
use super::old::Rare;
use super::publish::{Begun, Fresh};
use crate::ctx::terms::Time;
use crate::ctx::ticket::Special;
use crate::ctx::wait::Wait;
use crate::ctx::{Counts, Handle, Source};
use crate::drive::Around;
use crate::entry::{Flight, Node};
use crate::error::{Error, Lack};
use crate::freshness::Age;
use crate::guard::{catch, drop_quietly};
use crate::state::Join;
use crate::sync::Arc;
use crate::table::{Life, Lookup, Seeker, Sight, Want};
use alloc::boxed::Box;
use core::task::Waker;

/// Nothing is remembered that may be served.
pub(super) enum Missed {
    /// That is what there is of a call with that hash.
    Found(u64, Lookup),
    /// It is to be looked up by those who would run it.
    Unknown,
}

/// What a call saw when it looked, but for what it was served.
#[derive(Default)]
pub(super) struct Seen {
    /// That of the call, if it did look.
    pub(super) hash: Option<u64>,
    pub(super) hit: Option<Arc<dyn Node>>,
    pub(super) sight: Sight,
    /// There was nothing, and that run begins.
    pub(super) fresh: Option<Fresh>,
}

enum Created {
    Fresh(Fresh, Option<Box<Special>>),
    Lacks(Lack),
    Found(Lookup),
}

/// Looks for a hit; where there is nothing, a run begins.
pub(super) struct First<'a, O: ?Sized> {
    pub(super) handle: &'a Handle,
    pub(super) of: &'a mut O,
    pub(super) hash: u64,
    pub(super) waker: &'a Waker,
    pub(super) apart: bool,
    /// See [`Table::shelved`](crate::table::Table::shelved).
    pub(super) shelved: Option<bool>,
}

/// The same, as the table sees it.
struct Seeking<'a, 'b, O: ?Sized> {
    first: &'a mut First<'b, O>,
    /// There is nothing to ask about it first.
    begins: bool,
    fresh: &'a mut Option<Fresh>,
}

impl<O: Typed + ?Sized> Seeker for Seeking<'_, '_, O> {
    fn is(&mut self, node: &Arc<dyn Node>) -> bool {
        self.first.of.is(node, None)
    }

    fn enter(&mut self) -> Option<Arc<dyn Node>> {
        if !self.begins {
            return None;
        }
        let First {
            handle,
            of,
            hash,
            waker,
            apart,
            ..
        } = &mut *self.first;
        let around = handle.around(waker, false);
        let entry = &mut |flight| of.entry(*hash, flight);
        let fresh = handle.create(around, *apart, entry, self.fresh);
        Some(fresh.node.clone())
    }
}

impl<O: Typed + ?Sized> First<'_, O> {
    /// What is hit; otherwise it is told what was seen. Foreign: asks the task, and compares.
    #[inline]
    pub(super) fn look(mut self, seen: &mut Seen) -> Option<Arc<dyn Node>> {
        let (table, hash, shelved) = (&self.handle.engine.table, self.hash, self.shelved);
        seen.hash = Some(hash);
        let mut seeking = Seeking {
            begins: self.of.needs_nothing(),
            first: &mut self,
            fresh: &mut seen.fresh,
        };
        table.hit(hash, &mut seeking, shelved, &mut seen.sight)
    }
}

impl AnyCall<'_> {
    /// `true`: a hit without the lock, which is served. Otherwise what was seen is to be looked at.
    /// Foreign: hashes, asks the task, compares and clones.
    // Where stacks are small, its frame is not there while a run is polled.
    #[cfg_attr(not(feature = "std"), inline(never))]
    pub(super) fn look(&mut self, time: &Time, waker: &Waker) -> bool {
        if self.progress.refresh {
            return false;
        }
        let hash = self.of.hash();
        if self.handle.engine.table.has_shelf() {
            // Who takes notes is told more than is known there of what ages.
            let time = (!self.progress.takes_notes()).then_some(time);
            if self.of.hit_shelved(hash, time) {
                return true;
            }
        }
        let first = First {
            handle: self.handle,
            of: &mut *self.of,
            hash,
            waker,
            apart: self.progress.apart,
            shelved: self.shelved,
        };
        self.seen.hit = first.look(self.seen);
        false
    }

    /// Is what was hit served? Foreign: asks for the time, and clones.
    pub(super) fn look_at(&mut self, node: Arc<dyn Node>, time: &Time) -> bool {
        match self.seen.sight.life.take() {
            Some(life) if !self.is_served(&node, &life, time) => {
                drop_quietly(node);
                false
            }
            _ => self.settled(node),
        }
    }

    /// May it be served? If a newer one is due, somebody has to see to it.
    #[inline(never)]
    fn is_served(&mut self, node: &Arc<dyn Node>, life: &Life, time: &Time) -> bool {
        let engine = &self.handle.engine;
        let Some((age, now)) = engine.judge(node, life, time) else {
            return false;
        };
        match age {
            Age::Good => {}
            Age::Due if life.renewing => {}
            Age::Due if engine.host.executor.is_some() => {
                // What is served needs none of it.
                let _ = catch(|| self.renew_behind(node, life));
            }
            // Nobody does it behind us.
            Age::Due if !life.is_stale(now) => {}
            Age::Due | Age::Late => {
                engine.table.missed();
                self.renew(node, life);
                return false;
            }
        }
        Rare::note_served(&mut self.progress.rare, engine, life, now);
        true
    }

    /// It is run anew, and what is remembered is served only if that fails.
    fn renew(&mut self, node: &Arc<dyn Node>, life: &Life) {
        self.progress.refresh = true;
        Rare::keep_old(&mut self.progress.rare, node, life);
    }

    /// The executor runs it, for whoever comes later. Foreign: clones.
    fn renew_behind(&self, node: &Arc<dyn Node>, life: &Life) {
        // From outside: it is finished, whoever leaves.
        let mut behind = Behind(self.handle.clone(), Progress::default());
        let Behind(handle, progress) = &mut behind;
        progress.go_behind();
        progress.apart = true;
        self.of.again(&mut |of| {
            let mut call = AnyCall {
                handle,
                progress,
                of,
                shelved: self.shelved,
                seen: &mut Seen::default(),
            };
            call.renew(node, life);
            let _ = call.start(Waker::noop(), Missed::Unknown);
            // The executor is told before the input's destructor runs.
            call.leave();
        });
    }

    /// Joins a run in flight, or creates one. `true`: there is an outcome.
    #[inline(never)]
    pub(super) fn start(&mut self, waker: &Waker, missed: Missed) -> bool {
        let (hash, found) = match missed {
            Missed::Found(hash, found) => (Some(hash), found),
            Missed::Unknown => (None, Lookup::Vacant),
        };
        self.handle.check_deadline();
        match catch(|| self.find_or_create(waker, hash, found)) {
            Err(message) => self.panicked(message),
            Ok(Created::Lacks(lack)) => {
                let error = Error::no_timer(self.label(), lack);
                self.of.fail(error);
            }
            Ok(Created::Found(Lookup::Closed | Lookup::Expired)) => self.refuse(),
            Ok(Created::Found(Lookup::InFlight(node))) if self.progress.is_behind() => {
                drop_quietly(node);
                return false;
            }
            Ok(Created::Found(Lookup::InFlight(node))) => {
                let around = self.handle.around(waker, self.progress.is_behind());
                return self.join(node, &around);
            }
            // Settled meanwhile, or vacant again: look once more.
            Ok(Created::Found(Lookup::Settled | Lookup::Vacant)) => {
                if let Some(old) = self.progress.take_old() {
                    drop_quietly(old.node);
                    self.progress.refresh = false;
                }
                return false;
            }
            Ok(Created::Fresh(fresh, special)) => return self.begin(fresh, special),
        }
        true
    }

    /// `found`: what there is of a call with that hash. Without one, it is to be looked up. Foreign:
    /// hashes, asks, clones and compares.
    fn find_or_create(&mut self, waker: &Waker, hash: Option<u64>, found: Lookup) -> Created {
        let (hash, found) = match hash {
            Some(hash) => (hash, found),
            None => {
                let (hash, want) = (self.of.hash(), self.progress.want());
                let is = &mut |node: &Arc<dyn Node>| self.of.is(node, None);
                (hash, self.handle.engine.table.lookup(hash, is, want))
            }
        };
        match found {
            Lookup::Vacant => self.create(waker, hash),
            found => Created::Found(found),
        }
    }

    /// Publishes a fresh run, unless somebody is faster.
    fn create(&mut self, waker: &Waker, hash: u64) -> Created {
        let Progress { refresh, apart, .. } = *self.progress;
        let behind = self.progress.is_behind();
        let special = match self.of.special(refresh, behind) {
            Ok(special) => special,
            Err(lack) => return Created::Lacks(lack),
        };
        self.of.copy();
        let around = self.handle.around(waker, behind);
        let entry = &mut |flight| self.of.entry(hash, flight);
        let mut fresh = None;
        let node = &self.handle.create(around, apart, entry, &mut fresh).node;
        let (table, want) = (&self.handle.engine.table, self.progress.want());
        let is = &mut |node: &Arc<dyn Node>| self.of.is(node, None);
        let found = catch(|| table.insert(is, node, want));
        let fresh = fresh.expect("it was created");
        match found {
            Ok(Lookup::Vacant) => Created::Fresh(fresh, special),
            found => {
                self.handle.take_back(fresh);
                // A comparison that panics will do so again.
                Created::Found(found.unwrap_or(Lookup::Vacant))
            }
        }
    }

    /// Starts what was created. `false`: it is waited for.
    #[inline(never)]
    pub(super) fn begin(&mut self, fresh: Fresh, special: Option<Box<Special>>) -> bool {
        Rare::note_run(&mut self.progress.rare, Source::Ran);
        let body = self.of.body(&fresh.node, &fresh.flight, special);
        let begun = Begun::new(fresh, &mut self.progress.wait);
        let Some(node) = begun.launch(body) else {
            return false;
        };
        // Which nobody has to tell us of.
        let closed = self.handle.engine.table.is_closed();
        let served = !closed && serve(self.of, node);
        let Some(fresh) = begun.take() else {
            return false;
        };
        self.handle.asked(fresh.ask);
        self.handle.engine.spare.keep(fresh.flight);
        drop_quietly(fresh.node);
        if closed {
            self.of.fail(Error::cancelled());
        } else if !served {
            // It was dropped, as the context came to its end.
            self.refuse();
        }
        true
    }

    /// `true`: there is an outcome.
    fn join(&mut self, node: Arc<dyn Node>, around: &Around) -> bool {
        let Some(flight) = node.head().flight() else {
            drop_quietly(node);
            return false;
        };
        let (found, slot, ask) = match self.handle.join(&flight, around) {
            Ok(joined) => joined,
            Err(cycle) => {
                self.of.fail(cycle);
                return true;
            }
        };
        // Not before: a run that is found in flight may be over by now, and be hit.
        if matches!(found, Join::Joined | Join::Revived | Join::Settled) {
            Counts::add(&self.handle.engine.counts.joins);
            Rare::note_run(&mut self.progress.rare, Source::Joined);
        }
        match found {
            Join::Joined | Join::Revived => {
                let revived = (found == Join::Revived).then(|| flight.clone());
                self.progress.wait = Some(Box::new(Wait::new(node, flight, slot, ask, true)));
                revived.iter().for_each(Flight::push);
                false
            }
            Join::Cancelled => {
                self.refuse();
                true
            }
            Join::Settled => self.settled(node),
            Join::Dropped => false,
        }
    }
}

/// A call for nobody.
struct Behind(Handle, Progress);

impl Drop for Behind {
    fn drop(&mut self) {
        self.1.leave(&self.0);
        self.1.forget();
    }
}

impl Progress {
    fn want(&self) -> Want<'_> {
        match self.old() {
            Some(old) => Want::Newer(&old.node, old.life.ages),
            None if self.refresh => Want::Anew,
            None => Want::Any,
        }
    }
}
