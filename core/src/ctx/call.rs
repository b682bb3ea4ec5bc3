//! A caller's side of a call: look, join or start, wait, leave.
//!
//! What depends on the task is here, and little, since it is compiled for each; the rest is an
//! [`AnyCall`], compiled once.
mod any;
mod old;
mod publish;
mod start;

use super::terms::Time;
use super::ticket::{self, Special};
use super::within::Limits;
use super::{Ctx, Of, outcome, panicked};
use crate::entry::{Body, Entry, Flight, Node};
use crate::error::{Error, Label, Lack};
use crate::guard::{catch, drop_quietly};
use crate::notify::Caller;
use crate::sync::{Arc, share};
use crate::table::{Key, Table};
use crate::task::Task;
use alloc::boxed::Box;
use core::task::{Poll, Waker};

pub(super) use any::AnyCall;
use any::{Progress, Typed};
use start::{First, Seen};

/// So large is what is served at a first look. It is on the stack in several copies, also while a run
/// is polled, and who moves more has other costs.
const LARGE: usize = 64;

pub(super) const OVER: &str = "polled after it was ready";

/// A call without its witness: also a member of a group.
pub(crate) struct CallFuture<'c, S: Send + Sync + 'static, T: Task<S>> {
    ctx: &'c Ctx<S>,
    /// Until it is ready, or in an entry.
    input: Option<T::Input>,
    progress: Progress,
}

impl<'c, S: Send + Sync + 'static, T: Task<S>> CallFuture<'c, S, T> {
    /// Is the first look the task's own code? Without `std`, what is the same for all tasks is smaller.
    const LOOKS: bool = cfg!(feature = "std") && size_of::<T::Output>() <= LARGE;

    pub(crate) fn new(ctx: &'c Ctx<S>, input: T::Input) -> Self {
        Self {
            ctx,
            input: Some(input),
            progress: Progress::default(),
        }
    }

    /// Run anew, whatever is remembered.
    pub(super) fn anew(mut self) -> Self {
        self.progress.refresh = true;
        self
    }

    /// To be started by the executor, if there is one and the run is fresh.
    pub(crate) fn apart(mut self) -> Self {
        self.progress.apart = self.ctx.handle.engine.host.executor.is_some();
        self
    }

    /// If fresh, it is to be started by the executor.
    pub(crate) fn is_apart(&self) -> bool {
        self.progress.apart
    }

    /// A run that the executor is to begin, and is to be told of now.
    pub(crate) fn take_fresh(&mut self) -> Option<Arc<Flight>> {
        self.progress.wait.as_mut()?.take_fresh()
    }

    /// How long the caller waits.
    pub(super) fn limit(&mut self) -> &mut Limits {
        self.progress.limit()
    }

    /// Was it ready?
    pub(super) fn is_over(&self) -> bool {
        self.input.is_none() && self.progress.wait.is_none()
    }

    /// If it is ready at the first glance, which leaves nothing of it, as most are.
    #[inline]
    pub(super) fn at_once(&mut self, time: &Time) -> Option<Result<T::Output, Error>> {
        if !self.ctx.handle.engine.table.has_shelf() || !self.progress.is_plain() {
            return None;
        }
        let input = self.input.as_ref()?;
        let outcome = match catch(|| self.glance(input, time)) {
            Ok(found) => found?,
            Err(message) => Err(panicked::<S, T>(input, message)),
        };
        drop_quietly(self.input.take());
        Some(outcome)
    }

    /// A hit that is found at the first glance. Foreign: hashes, compares and clones.
    #[inline]
    fn glance(&self, input: &T::Input, time: &Time) -> Option<Result<T::Output, Error>> {
        let engine = &self.ctx.handle.engine;
        let hash = || self.ctx.key::<T>(input).hash;
        (engine.table).hit_at_once::<Of<S, T>, _>(input, hash, || time.of(engine))
    }

    /// Without a glance. Where there is no shelf, the first look is code of the task's own; the rest is
    /// an [`AnyCall`]'s. `waker`: that of the poll; `caller`: whom to wake.
    #[inline(never)]
    pub(crate) fn poll(
        &mut self,
        time: &Time,
        waker: &Waker,
        caller: Caller<'_>,
    ) -> Poll<Result<T::Output, Error>> {
        assert!(!self.is_over(), "{OVER}");
        let mut of = OfTask::<S, T>::new(self.ctx, &mut self.input);
        let mut seen = Seen::default();
        if Self::LOOKS && self.progress.is_plain() && !self.ctx.handle.engine.table.has_shelf() {
            if let Some(outcome) = of.look(waker, self.progress.apart, &mut seen) {
                drop_quietly(self.input.take());
                return Poll::Ready(outcome);
            }
        }
        let polled = AnyCall {
            handle: &self.ctx.handle,
            progress: &mut self.progress,
            of: &mut of,
            shelved: Table::shelved::<Of<S, T>>(),
            seen: &mut seen,
        }
        .poll_within(time, waker, caller);
        if polled.is_pending() {
            return Poll::Pending;
        }
        let outcome = of.outcome.expect("who is ready has an outcome");
        drop_quietly(self.input.take());
        Poll::Ready(outcome)
    }
}

impl<S: Send + Sync + 'static, T: Task<S>> Drop for CallFuture<'_, S, T> {
    #[inline]
    fn drop(&mut self) {
        if self.progress.wait.is_some() {
            self.progress.leave(&self.ctx.handle);
        }
        if !self.progress.is_plain() {
            self.progress.discard();
        }
        // The input is foreign: its destructor may panic.
        if self.input.is_some() {
            drop_quietly(self.input.take());
        }
    }
}

struct OfTask<'a, S: Send + Sync + 'static, T: Task<S>> {
    ctx: &'a Ctx<S>,
    input: &'a mut Option<T::Input>,
    /// For an entry, where the call keeps its own.
    copy: Option<T::Input>,
    outcome: Option<Result<T::Output, Error>>,
}

impl<'a, S: Send + Sync + 'static, T: Task<S>> OfTask<'a, S, T> {
    fn new(ctx: &'a Ctx<S>, input: &'a mut Option<T::Input>) -> Self {
        Self {
            ctx,
            input,
            copy: None,
            outcome: None,
        }
    }

    fn own_input(&self) -> &T::Input {
        self.input.as_ref().expect("not ready yet")
    }

    /// A first look of a call that is plain: what is hit, and does not age.
    #[inline]
    fn look(
        &mut self,
        waker: &Waker,
        apart: bool,
        seen: &mut Seen,
    ) -> Option<Result<T::Output, Error>> {
        let mut hit = None;
        let looked = catch(|| {
            let first = First {
                handle: &self.ctx.handle,
                hash: self.hash(),
                of: &mut *self,
                waker,
                apart,
                shelved: Table::shelved::<Of<S, T>>(),
            };
            hit = first.look(seen);
            match &hit {
                Some(node) if seen.sight.life.is_none() => outcome::<S, T>(node),
                _ => None,
            }
        });
        match hit {
            Some(node) if seen.sight.life.is_none() => drop_quietly(node),
            ages => seen.hit = ages,
        }
        looked.unwrap_or_else(|message| {
            let label = self.label().unwrap_or_default();
            Some(Err(Error::panicked(label, message)))
        })
    }
}

fn input_in<S: 'static, T: Task<S>>(node: &Arc<dyn Node>) -> Option<&T::Input> {
    Entry::<Of<S, T>>::of(node).map(|entry| &entry.input)
}

impl<S: Send + Sync + 'static, T: Task<S>> Typed for OfTask<'_, S, T> {
    fn label(&self) -> Option<Box<str>> {
        self.input.as_ref().map(|input| Label(T::label).of(input))
    }

    fn hash(&self) -> u64 {
        self.ctx.key::<T>(self.own_input()).hash
    }

    fn is(&self, node: &Arc<dyn Node>, like: Option<&Arc<dyn Node>>) -> bool {
        let input = match (&*self.input, like) {
            (None, Some(like)) => input_in::<S, T>(like),
            (input, _) => input.as_ref(),
        };
        input.is_some() && input_in::<S, T>(node) == input
    }

    fn hit_shelved(&mut self, hash: u64, time: Option<&Time>) -> bool {
        let engine = &self.ctx.handle.engine;
        let key = Key::<Of<S, T>, _>::new(hash, self.own_input());
        let now = || time.and_then(|time| time.of(engine));
        self.outcome = engine.table.hit_shelved(&key, now);
        self.outcome.is_some()
    }

    fn needs_nothing(&self) -> bool {
        Special::is_needless::<S, T>(&self.ctx.handle.engine)
    }

    fn special(&self, refresh: bool, behind: bool) -> Result<Option<Box<Special>>, Lack> {
        Special::of::<S, T>(&self.ctx.handle.engine, refresh, behind)
    }

    fn copy(&mut self) {
        self.copy = Some(self.own_input().clone());
    }

    fn entry(&mut self, hash: u64, flight: Arc<Flight>) -> Arc<dyn Node> {
        let input = self.copy.take().or_else(|| self.input.take());
        let input = input.expect("asked for once");
        share!(Entry::<Of<S, T>>::new(hash, input, flight) => dyn Node)
    }

    fn body(
        &self,
        node: &Arc<dyn Node>,
        flight: &Arc<Flight>,
        special: Option<Box<Special>>,
    ) -> Body {
        ticket::body::<S, T>(self.ctx, node, flight, special)
    }

    fn serve(&mut self, node: &Arc<dyn Node>) -> bool {
        self.outcome = outcome::<S, T>(node);
        self.outcome.is_some()
    }

    fn fail(&mut self, error: Error) {
        self.outcome = Some(Err(error));
    }

    fn is_value(&self) -> bool {
        matches!(self.outcome, Some(Ok(_)))
    }

    fn take_failure(&mut self) -> Option<Error> {
        match self.outcome.take_if(|outcome| {
            let failure = outcome.as_ref().err();
            failure.is_some_and(Error::is_failure)
        }) {
            Some(Err(failure)) => Some(failure),
            _ => None,
        }
    }

    fn recall(&mut self, node: &Arc<dyn Node>) {
        if self.input.is_none() {
            *self.input = input_in::<S, T>(node).cloned();
        }
    }

    fn again(&self, work: &mut dyn FnMut(&mut dyn Typed)) {
        let mut input = Some(self.own_input().clone());
        work(&mut OfTask::<S, T>::new(self.ctx, &mut input));
        drop_quietly(input);
    }
}
