//! A caller's side of a call: look, join or start, wait, leave.
mod old;
mod publish;
mod start;

use super::terms::Time;
use super::wait::Wait;
use super::{Ctx, advice, outcome, panicked};
use crate::drive;
use crate::entry::{Flight, Node};
use crate::error::{Error, Label};
use crate::guard::{catch, drop_quietly};
use crate::notify::Caller;
use crate::state::{Join, Leave};
use crate::sync::Arc;
use crate::task::Task;
use alloc::boxed::Box;
use core::task::{Poll, Waker};
use old::Rare;
use start::Missed;

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

    /// Was it ready?
    pub(super) fn is_over(&self) -> bool {
        self.input.is_none()
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
        let outcome = match catch(|| self.glance(time)) {
            Ok(found) => found?,
            Err(message) => {
                let input = self.input.as_ref().expect("not ready yet");
                Err(panicked::<S, T>(input, message))
            }
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
            match self.look_safely(time) {
                Ok(outcome) => {
                    self.forget();
                    return Poll::Ready(outcome);
                }
                Err(found) => missed = Some(found),
            }
        }
        self.poll_missed(missed, waker, caller)
    }

    /// Foreign code is behind it: a panic is an outcome.
    #[inline(always)]
    fn look_safely(&mut self, time: &Time) -> Result<Result<T::Output, Error>, Missed> {
        assert!(self.input.is_some(), "polled after it was ready");
        catch(|| self.look(time)).unwrap_or_else(|message| {
            let input = self.input.as_ref().expect("not ready yet");
            Ok(Err(panicked::<S, T>(input, message)))
        })
    }

    #[inline(never)]
    fn look_again(&mut self) -> Result<Result<T::Output, Error>, Missed> {
        self.look_safely(&Time::default())
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
                None => match self.look_again() {
                    Ok(outcome) => Some(outcome),
                    Err(found) => {
                        missed = Some(found);
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
        let input = self.input.as_ref().expect("not ready yet");
        let outcome = catch(|| outcome::<S, T>(&node));
        drop_quietly(node);
        outcome.unwrap_or_else(|message| Some(Err(panicked::<S, T>(input, message))))
    }

    /// `None`: look again.
    fn wait(
        &mut self,
        waker: &Waker,
        caller: Caller<'_>,
    ) -> Option<Poll<Result<T::Output, Error>>> {
        let wait = self.wait.as_ref().expect("we wait");
        match wait.flight.register(wait.slot, caller) {
            Join::Joined | Join::Revived => {}
            Join::Cancelled => {
                let refused = self.refused();
                return Some(self.ready(Err(refused)));
            }
            Join::Dropped => {
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
        wait.link(&run, detached);
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
        let label = self.input.as_ref().map(|input| Label(T::label).of(input));
        self.leave();
        self.forget();
        error(label.unwrap_or_default())
    }

    /// Its context is at its end.
    fn refused(&self) -> Error {
        if self.ctx.engine.table.is_closed() {
            return Error::cancelled();
        }
        let label = self.input.as_ref().map(|input| Label(T::label).of(input));
        Error::deadline_exceeded(label.unwrap_or_default())
    }

    fn leave(&mut self) {
        let Some(mut wait) = self.wait.take() else {
            return;
        };
        let engine = &self.ctx.engine;
        let parent = self.ctx.run.as_ref();
        wait.disconnect(parent);
        if self.behind {
            wait.flight.finish_if_abandoned();
        }
        match drive::leave(&wait.flight, wait.slot, parent, engine.finish) {
            Leave::HandOver => drive::abandon(&wait.flight, Box::new(self.ctx.clone())),
            Leave::Lend => drive::lend(&wait.flight),
            Leave::Nothing | Leave::Bury => {}
        }
        wait.stop_driving();
        wait.come_back();
        drop_quietly(wait.node);
        engine.spare.keep(wait.flight);
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
