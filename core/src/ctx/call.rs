//! A caller's side of a call: look, join or start, wait, leave.
mod old;
mod publish;
mod start;

use super::terms::Time;
use super::wait::Wait;
use super::{Ctx, Of, advice, outcome};
use crate::drive;
use crate::entry::{Entry, Flight, Node};
use crate::error::{Error, Label};
use crate::guard::{Message, catch, drop_quietly};
use crate::notify::Caller;
use crate::state::{Join, Leave};
use crate::sync::Arc;
use crate::task::Task;
use alloc::boxed::Box;
use core::task::{Poll, Waker};
use old::Rare;
use start::{Look, Missed};

/// A call without its witness: also a member of a group.
pub(crate) struct CallFuture<'c, S: Send + Sync + 'static, T: Task<S>> {
    pub(super) ctx: &'c Ctx<S>,
    input: Option<T::Input>,
    /// If fresh, it is to be started by the executor.
    pub(crate) apart: bool,
    /// It is to be run anew, whatever is remembered.
    refresh: bool,
    /// For nobody: a newer outcome is due.
    behind: bool,
    rare: Option<Box<Rare>>,
    wait: Option<Wait>,
}

impl<'c, S: Send + Sync + 'static, T: Task<S>> CallFuture<'c, S, T> {
    pub(crate) fn new(ctx: &'c Ctx<S>, input: T::Input) -> Self {
        Self {
            ctx,
            input: Some(input),
            apart: false,
            refresh: false,
            behind: false,
            rare: None,
            wait: None,
        }
    }

    /// Run anew, whatever is remembered.
    pub(super) fn anew(mut self) -> Self {
        self.refresh = true;
        self
    }

    /// To be started by the executor, if there is one and the run is fresh.
    pub(crate) fn apart(mut self) -> Self {
        self.apart = self.ctx.engine.host.executor.is_some();
        self
    }

    /// A run that the executor is to begin, and is to be told of now.
    pub(crate) fn take_fresh(&mut self) -> Option<Arc<Flight>> {
        self.wait.as_mut()?.take_fresh()
    }

    /// Was it ready?
    pub(super) fn is_over(&self) -> bool {
        self.input.is_none() && self.wait.is_none()
    }

    /// While it is not over.
    fn input(&self) -> Option<&T::Input> {
        match &self.input {
            Some(input) => Some(input),
            None => Some(&Entry::<Of<S, T>>::of(&self.wait.as_ref()?.node)?.input),
        }
    }

    /// Foreign: runs the input's `Debug`.
    fn label(&self) -> Box<str> {
        let label = self.input().map(|input| Label(T::label).of(input));
        label.unwrap_or_default()
    }

    /// A user's `Hash`, `Eq` or `Clone` panicked: the call fails, nothing is remembered.
    fn panicked(&self, message: Message) -> Error {
        Error::panicked(self.label(), message)
    }

    /// `waker`: that of the poll; `caller`: whom to wake.
    #[inline]
    pub(crate) fn poll(
        &mut self,
        waker: &Waker,
        caller: Caller<'_>,
    ) -> Poll<Result<T::Output, Error>> {
        let time = Time::default();
        match self.at_once(&time) {
            Some(outcome) => Poll::Ready(outcome),
            None => self.poll_at(&time, waker, caller),
        }
    }

    /// If it is ready at the first glance, which leaves nothing of it, as most are.
    #[inline]
    pub(super) fn at_once(&mut self, time: &Time) -> Option<Result<T::Output, Error>> {
        if !self.ctx.engine.table.has_shelf() {
            return None;
        }
        let outcome = match catch(|| self.glance(time)) {
            Ok(found) => found?,
            Err(message) => Err(self.panicked(message)),
        };
        drop_quietly(self.input.take());
        Some(outcome)
    }

    /// The same for who may know the time, and did not find it at the first glance.
    #[inline]
    pub(super) fn poll_at(
        &mut self,
        time: &Time,
        waker: &Waker,
        caller: Caller<'_>,
    ) -> Poll<Result<T::Output, Error>> {
        let mut missed = None;
        if self.wait.is_none() {
            match self.look_or_begin(time, waker) {
                Ok(outcome) => {
                    self.forget();
                    return Poll::Ready(outcome);
                }
                Err(found) => missed = found,
            }
        }
        self.poll_missed(missed, waker, caller)
    }

    /// Looks, and starts the run that begins where there is nothing: an outcome that is there then, or
    /// what else there is, if it is not a run that we wait for.
    #[inline(always)]
    fn look_or_begin(
        &mut self,
        time: &Time,
        waker: &Waker,
    ) -> Result<Result<T::Output, Error>, Option<Missed>> {
        match self.look_safely(time, waker) {
            Ok(outcome) => Ok(outcome),
            Err(Look::Missed(found)) => Err(Some(found)),
            Err(Look::Begun(fresh)) => self.begin(fresh, None).ok_or(None),
        }
    }

    /// Foreign code is behind it: a panic is an outcome.
    #[inline(always)]
    fn look_safely(
        &mut self,
        time: &Time,
        waker: &Waker,
    ) -> Result<Result<T::Output, Error>, Look> {
        assert!(self.input.is_some(), "polled after it was ready");
        let found = catch(|| self.look(time, waker));
        found.unwrap_or_else(|message| Ok(Err(self.panicked(message))))
    }

    #[inline(never)]
    fn look_again(&mut self, waker: &Waker) -> Result<Result<T::Output, Error>, Option<Missed>> {
        self.look_or_begin(&Time::default(), waker)
    }

    /// Where nothing was remembered, or we wait.
    #[inline(never)]
    fn poll_missed(
        &mut self,
        mut missed: Option<Missed>,
        waker: &Waker,
        caller: Caller<'_>,
    ) -> Poll<Result<T::Output, Error>> {
        loop {
            if self.wait.is_some() {
                match self.wait(waker, caller) {
                    Some(poll) => return poll,
                    None => continue,
                }
            }
            let outcome = match missed.take() {
                Some(missed) => (self.start(waker, missed)).map(|outcome| self.or_old(outcome)),
                None => match self.look_again(waker) {
                    Ok(outcome) => Some(outcome),
                    Err(found) => {
                        missed = found;
                        None
                    }
                },
            };
            if let Some(outcome) = outcome {
                self.forget();
                return Poll::Ready(outcome);
            }
        }
    }

    /// An outcome that is there, also one that is not kept in the table.
    fn settled(&self, node: Arc<dyn Node>) -> Option<Result<T::Output, Error>> {
        let outcome = Self::outcome(&node);
        drop_quietly(node);
        outcome
    }

    fn outcome(node: &Arc<dyn Node>) -> Option<Result<T::Output, Error>> {
        let outcome = catch(|| outcome::<S, T>(node));
        outcome.unwrap_or_else(|message| Some(Err(Error::panicked(node.label(), message))))
    }

    /// `None`: look again.
    fn wait(
        &mut self,
        waker: &Waker,
        caller: Caller<'_>,
    ) -> Option<Poll<Result<T::Output, Error>>> {
        let wait = self.wait.as_mut().expect("we wait");
        match wait.register(caller) {
            Join::Joined | Join::Revived => {}
            Join::Cancelled => {
                let refused = self.refused();
                return Some(self.ready(Err(refused)));
            }
            Join::Dropped => {
                if let Err(error) = self.recall() {
                    return Some(self.ready(Err(error)));
                }
                self.leave();
                return None;
            }
            Join::Settled => {
                if self.ctx.engine.table.is_closed() {
                    return Some(self.ready(Err(Error::cancelled())));
                }
                if !self.may_go_on(waker, caller) {
                    return Some(Poll::Pending);
                }
                let wait = self.wait.as_ref().expect("we wait");
                let outcome = self.settled(wait.node.clone());
                let outcome = outcome.unwrap_or_else(|| Err(self.refused()));
                return Some(self.ready(outcome));
            }
        }
        if self.drive(waker, caller) {
            return None;
        }
        Some(Poll::Pending)
    }

    fn ready(&mut self, outcome: Result<T::Output, Error>) -> Poll<Result<T::Output, Error>> {
        self.leave();
        let outcome = self.or_old(outcome);
        self.forget();
        Poll::Ready(outcome)
    }

    /// Sees to it that somebody polls the run. `true`: look again.
    fn drive(&mut self, waker: &Waker, caller: Caller<'_>) -> bool {
        self.ctx.keep_deadline();
        let depth = self.depth(waker);
        let run = match &self.ctx.run {
            Some(run) => Some(run.clone()),
            None => drive::nested(waker),
        };
        let wait = self.wait.as_mut().expect("we wait");
        let Some(run) = run else {
            if let Some(current) = drive::current() {
                wait.step_aside(&current);
                return wait.poll_wanted(caller, depth);
            }
            return wait.drain(caller, depth);
        };
        if drive::is_elsewhere(&run) {
            // A thread of its own, which the run waits for: blocking work, a scope.
            wait.step_aside(&run);
            return wait.poll_wanted(caller, 0);
        }
        let detached = self.ctx.run.is_none();
        wait.link(&run, detached, Flight::is_target(&run, waker));
        if detached {
            advice::outside_call(&run, &wait.flight, &wait.node);
        }
        if Flight::is_target(&run, waker) {
            return false;
        }
        wait.step_aside(&run);
        let target = wait.flight.clone();
        wait.be_guest(&target, &run, waker, caller, depth)
    }

    /// What we waited for is over. A run that stepped aside for it in the midst of a poll, or of its
    /// work, has to wait for its turn here.
    fn may_go_on(&mut self, waker: &Waker, caller: Caller<'_>) -> bool {
        let wait = self.wait.as_mut().expect("we wait");
        let Some(run) = wait.still_aside(caller) else {
            return true;
        };
        let own = self.ctx.run.as_ref();
        let _ = match own.filter(|own| !drive::is_elsewhere(own)) {
            Some(own) => wait.be_guest(&run, own, waker, caller, own.depth() + 1),
            None => wait.help(&run, caller, 0),
        };
        false
    }

    /// The caller gets that, and nothing else.
    pub(super) fn give_up(&mut self, error: impl FnOnce(Box<str>) -> Error) -> Error {
        let label = self.label();
        self.leave();
        self.forget();
        error(label)
    }

    /// Before it is looked up again, if the input went to the entry. Foreign: clones it.
    fn recall(&mut self) -> Result<(), Error> {
        if self.input.is_none() {
            let input = catch(|| self.input().cloned());
            self.input = input.map_err(|message| self.panicked(message))?;
        }
        Ok(())
    }

    /// Its context is at its end.
    fn refused(&self) -> Error {
        match self.ctx.engine.table.is_closed() {
            true => Error::cancelled(),
            false => Error::deadline_exceeded(self.label()),
        }
    }

    fn leave(&mut self) {
        let Some(mut wait) = self.wait.take() else {
            return;
        };
        let engine = &self.ctx.engine;
        let parent = self.ctx.run.as_ref();
        wait.disconnect(parent);
        if !wait.over {
            self.leave_run(&wait);
        }
        wait.stop_driving();
        wait.take_fresh().iter().for_each(drive::give_back);
        wait.come_back();
        drop_quietly(wait.node);
        engine.spare.keep(wait.flight);
    }

    fn leave_run(&self, wait: &Wait) {
        if self.behind {
            wait.flight.finish_if_abandoned();
        }
        let (engine, parent) = (&self.ctx.engine, self.ctx.run.as_ref());
        match drive::leave(&wait.flight, wait.slot, parent, engine.finish) {
            Leave::HandOver => drive::abandon(&wait.flight, Box::new(self.ctx.clone())),
            Leave::Lend => drive::lend(&wait.flight),
            Leave::Nothing | Leave::Bury => {}
        }
    }

    /// The input is foreign: its destructor may panic.
    #[inline]
    fn forget(&mut self) {
        if self.rare.is_some() {
            if let Some(old) = self.take_old() {
                drop_quietly(old.node);
            }
        }
        drop_quietly(self.input.take());
    }

    /// How deep a poll of ours is nested on this stack.
    fn depth(&self, waker: &Waker) -> usize {
        match &self.ctx.run {
            Some(run) => run.depth() + 1,
            None => drive::nested(waker).map_or(0, |run| run.depth() + 1),
        }
    }
}

impl<S: Send + Sync + 'static, T: Task<S>> Drop for CallFuture<'_, S, T> {
    #[inline]
    fn drop(&mut self) {
        if self.wait.is_some() {
            self.leave();
        }
        if self.input.is_some() || self.rare.is_some() {
            self.forget();
        }
    }
}
