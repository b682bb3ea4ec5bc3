//! What is remembered of a call that is run anew: where it is served after all, and what a caller
//! who asks for it is told of that.
use super::CallFuture;
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
        self.rare.get_or_insert_default().notes = Some(Notes {
            source: Source::Hit,
            from_memory: true,
            age: None,
            stale: false,
            failure: None,
        });
    }

    /// How that value came about, which it was ready with.
    pub(in crate::ctx) fn detail(&mut self, value: T::Output) -> Detail<T::Output> {
        let notes = self.rare.as_mut().and_then(|rare| rare.notes.take());
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

    pub(super) fn old(&self) -> Option<&Old> {
        self.rare.as_ref()?.old.as_ref()
    }

    pub(super) fn take_old(&mut self) -> Option<Old> {
        self.rare.as_mut()?.old.take()
    }

    /// In the place of a failure, what is remembered, if there is something that may be served.
    pub(super) fn or_old(&mut self, outcome: Result<T::Output, Error>) -> Result<T::Output, Error> {
        let Some(old) = self.take_old() else {
            return outcome;
        };
        match outcome {
            Err(failure) if failure.is_failure() => match self.serve_old(old) {
                Some(outcome) => {
                    match Rare::notes(&mut self.rare) {
                        Some(notes) => notes.failure = Some(failure),
                        // Its destructor is foreign.
                        None => drop_quietly(failure),
                    }
                    outcome
                }
                None => Err(failure),
            },
            outcome => {
                drop_quietly(old.node);
                outcome
            }
        }
    }

    /// If it was replaced meanwhile, what is newer; not what was forgotten, nor after a cancel.
    /// Foreign: asks for the time, and clones.
    fn serve_old(&mut self, old: Old) -> Option<Result<T::Output, Error>> {
        let engine = &self.ctx.engine;
        let old = engine.still(old).or_else(|| self.peek())?;
        let (Old { node, life }, now) = engine.unless_over(old)?;
        let outcome = self.settled(node);
        if let (Some(Ok(_)), Some(now)) = (&outcome, now) {
            Rare::note_served(&mut self.rare, &self.ctx.engine, &life, now);
        }
        outcome
    }

    /// The caller waits no longer: what is remembered, if it may be served, and the run is
    /// finished by the executor, if there is one. `forced`: also if it was to be run anew in any
    /// case.
    pub(in crate::ctx) fn instead(&mut self, forced: bool) -> Option<Result<T::Output, Error>> {
        let old = match self.take_old() {
            None if forced => self.peek(),
            old => old,
        };
        let outcome = self.serve_old(old?)?;
        self.behind = self.ctx.engine.host.executor.is_some();
        self.leave();
        self.forget();
        Some(outcome)
    }

    /// The value that is remembered. Foreign: hashes and compares.
    fn peek(&self) -> Option<Old> {
        let input = self.input()?;
        let key = catch(|| self.ctx.key::<T>(input)).ok()?;
        let found = catch(|| self.ctx.engine.table.peek(&key));
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
