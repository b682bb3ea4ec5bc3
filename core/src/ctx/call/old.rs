//! What is remembered of a call that is run anew: where it is served after all, and what a caller
//! who asks for it is told of that.
use super::CallFuture;
use super::any::{AnyCall, Progress};
use crate::ctx::within::Limits;
use crate::ctx::{Counts, Detail, Engine, Source};
use crate::entry::Node;
use crate::error::Error;
use crate::freshness::Moment;
use crate::guard::{catch, drop_quietly};
use crate::sync::Arc;
use crate::table::{Hit, Life};
use crate::task::Task;
use alloc::boxed::Box;
use core::time::Duration;

/// What few calls have.
#[derive(Default)]
pub(super) struct Rare {
    /// What is remembered, which is not served unless the run fails, or takes too long.
    pub(super) old: Option<Old>,
    notes: Option<Notes>,
    /// How long the caller waits.
    limits: Option<Limits>,
    /// It is for nobody: a newer outcome is due.
    behind: bool,
}

/// A value as it was found.
pub(super) struct Old {
    pub(super) node: Arc<dyn Node>,
    pub(super) life: Life,
}

/// For a caller who asks how its outcome came about.
struct Notes {
    source: Source,
    from_memory: bool,
    age: Option<Duration>,
    stale: bool,
    failure: Option<Error>,
}

impl<S: Send + Sync + 'static, T: Task<S>> CallFuture<'_, S, T> {
    /// From now on it takes notes.
    pub(in crate::ctx) fn take_notes(&mut self) {
        self.progress.rare.get_or_insert_default().notes = Some(Notes {
            source: Source::Hit,
            from_memory: true,
            age: None,
            stale: false,
            failure: None,
        });
    }

    /// How that value came about, which it was ready with.
    pub(in crate::ctx) fn detail(&mut self, value: T::Output) -> Detail<T::Output> {
        let rare = self.progress.rare.as_mut();
        let notes = rare.and_then(|rare| rare.notes.take());
        let notes = notes.expect("it takes notes from the start");
        Detail {
            value,
            source: notes.source,
            from_memory: notes.from_memory,
            age: notes.age,
            stale: notes.stale,
            failure: notes.failure,
        }
    }
}

impl Progress {
    /// How long the caller waits.
    pub(in crate::ctx) fn limits(&mut self) -> Option<&mut Limits> {
        self.rare.as_mut()?.limits.as_mut()
    }

    pub(super) fn limit(&mut self) -> &mut Limits {
        let rare = self.rare.get_or_insert_default();
        rare.limits.get_or_insert_default()
    }

    /// The executor finishes the run that it waits for, if nobody else wants it.
    pub(super) fn go_behind(&mut self) {
        self.rare.get_or_insert_default().behind = true;
    }

    pub(super) fn is_behind(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.behind)
    }

    pub(super) fn takes_notes(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.notes.is_some())
    }

    pub(super) fn old(&self) -> Option<&Old> {
        self.rare.as_ref()?.old.as_ref()
    }

    pub(super) fn take_old(&mut self) -> Option<Old> {
        self.rare.as_mut()?.old.take()
    }
}

impl AnyCall<'_> {
    /// In the place of a failure, what is remembered, if there is something that may be served.
    pub(super) fn or_old(&mut self) {
        let Some(old) = self.progress.take_old() else {
            return;
        };
        let Some(failure) = self.of.take_failure() else {
            return drop_quietly(old.node);
        };
        if !self.serve_old(old) {
            return self.of.fail(failure);
        }
        match Rare::notes(&mut self.progress.rare) {
            Some(notes) => notes.failure = Some(failure),
            // Its destructor is foreign.
            None => drop_quietly(failure),
        }
    }

    /// If it was replaced meanwhile, what is newer; not what was forgotten, nor after a cancel.
    /// `true`: it is the outcome. Foreign: asks for the time, and clones.
    fn serve_old(&mut self, old: Old) -> bool {
        let engine = &self.handle.engine;
        let old = engine.still(old).or_else(|| self.peek());
        let Some((Old { node, life }, now)) = old.and_then(|old| engine.unless_over(old)) else {
            return false;
        };
        let settled = self.settled(node);
        if let (true, Some(now)) = (settled && self.of.is_value(), now) {
            Rare::note_served(&mut self.progress.rare, engine, &life, now);
        }
        settled
    }

    /// The caller waits no longer: what is remembered, if it may be served, and the run is
    /// finished by the executor, if there is one. `forced`: also if it was to be run anew in any
    /// case. `true`: there is an outcome.
    pub(in crate::ctx) fn instead(&mut self, forced: bool) -> bool {
        let old = match self.progress.take_old() {
            None if forced => self.peek(),
            old => old,
        };
        if !old.is_some_and(|old| self.serve_old(old)) {
            return false;
        }
        if self.handle.engine.host.executor.is_some() {
            self.progress.go_behind();
        }
        self.leave();
        self.forget();
        true
    }

    /// The value that is remembered. Foreign: hashes and compares.
    fn peek(&mut self) -> Option<Old> {
        let like = self.progress.wait.as_ref().map(|wait| &wait.node);
        let hash = match like {
            Some(like) => like.head().hash,
            None => catch(|| self.of.hash()).ok()?,
        };
        let table = &self.handle.engine.table;
        let found = catch(|| table.peek(hash, &mut |node| self.of.is(node, like)));
        Old::of(found.ok().flatten()?)
    }
}

type Extra = Option<Box<Rare>>;

impl Rare {
    fn notes(this: &mut Extra) -> Option<&mut Notes> {
        this.as_mut()?.notes.as_mut()
    }

    /// It waits for a run, as a creator of it or not.
    pub(super) fn note_run(this: &mut Extra, source: Source) {
        if let Some(notes) = Self::notes(this) {
            notes.source = source;
            notes.from_memory = false;
            notes.age = Some(Duration::ZERO);
        }
    }

    /// It is served what is remembered. `now`: as the clock was read for that.
    pub(super) fn note_served(this: &mut Extra, engine: &Engine, life: &Life, now: Moment) {
        let stale = life.is_stale(now);
        if stale {
            Counts::add(&engine.counts.stale);
        }
        if let Some(notes) = Self::notes(this) {
            notes.age = (life.born != Moment::NEVER).then(|| life.born.ago(now));
            notes.stale = stale;
            notes.from_memory = true;
        }
    }

    pub(super) fn keep_old(this: &mut Extra, node: &Arc<dyn Node>, life: &Life) {
        let node = node.clone();
        this.get_or_insert_default().old = Some(Old { node, life: *life });
    }
}

impl Old {
    /// An error is none.
    fn of(hit: Hit) -> Option<Self> {
        let (node, life) = (hit.node, hit.life.unwrap_or(Life::FOR_EVER));
        if !node.is_value() {
            drop_quietly(node);
            return None;
        }
        Some(Self { node, life })
    }
}

impl Engine {
    /// If it is what is remembered still.
    fn still(&self, old: Old) -> Option<Old> {
        if self.table.remembers(&old.node) {
            return Some(old);
        }
        drop_quietly(old.node);
        None
    }

    /// And which time it is. Foreign: asks for that.
    fn unless_over(&self, old: Old) -> Option<(Old, Option<Moment>)> {
        let now = self.now();
        let is_over = match now {
            Some(now) => old.life.until.is_past(now),
            None => old.life.until != Moment::NEVER,
        };
        if is_over {
            drop_quietly(old.node);
            return None;
        }
        Some((old, now))
    }
}
