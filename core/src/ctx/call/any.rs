//! A call, whatever its task: compiled once.
use super::old::Rare;
use super::start::{Missed, Seen};
use crate::ctx::terms::Time;
use crate::ctx::ticket::Special;
use crate::ctx::wait::Wait;
use crate::ctx::{Handle, advice};
use crate::drive;
use crate::entry::{Body, Flight, Node};
use crate::error::{Error, Lack};
use crate::guard::{Message, catch, drop_quietly};
use crate::notify::Caller;
use crate::state::{Join, Leave};
use crate::sync::Arc;
use alloc::boxed::Box;
use core::task::{Poll, Waker};

/// How far a call has got.
#[derive(Default)]
pub(in crate::ctx) struct Progress {
    /// If fresh, it is to be started by the executor.
    pub(super) apart: bool,
    /// It is to be run anew, whatever is remembered.
    pub(super) refresh: bool,
    pub(super) rare: Option<Box<Rare>>,
    /// Boxed: most calls come to their end without, and are smaller so.
    pub(super) wait: Option<Box<Wait>>,
}

/// What depends on the task. All of it is foreign, unless it says otherwise.
pub(super) trait Typed {
    /// For people. `None`: it has no input.
    fn label(&self) -> Option<Box<str>>;
    fn hash(&self) -> u64;
    /// Is that an entry of the call? `like`: one of its entries, for who has no input.
    fn is(&self, node: &Arc<dyn Node>, like: Option<&Arc<dyn Node>>) -> bool;
    /// A hit without a lock, for the outcome. `time`: of who is served what ages.
    fn hit_shelved(&mut self, hash: u64, time: Option<&Time>) -> bool;
    /// Is there nothing to ask the task before it runs?
    fn needs_nothing(&self) -> bool;
    fn special(&self, refresh: bool, behind: bool) -> Result<Option<Box<Special>>, Lack>;
    /// Clones the input for the next entry: otherwise that gets the call's own.
    fn copy(&mut self);
    /// Ours. Of a run that begins.
    fn entry(&mut self, hash: u64, flight: Arc<Flight>) -> Arc<dyn Node>;
    /// Ours.
    fn body(
        &self,
        node: &Arc<dyn Node>,
        flight: &Arc<Flight>,
        special: Option<Box<Special>>,
    ) -> Body;
    /// The entry's outcome, if it has one, for the call's.
    fn serve(&mut self, node: &Arc<dyn Node>) -> bool;
    fn fail(&mut self, error: Error);
    /// Ours. Is the outcome a value?
    fn is_value(&self) -> bool;
    /// Ours. An outcome that is a failure.
    fn take_failure(&mut self) -> Option<Error>;
    /// The input, from an entry that it went to.
    fn recall(&mut self, node: &Arc<dyn Node>);
    /// The same call once more.
    fn again(&self, work: &mut dyn FnMut(&mut dyn Typed));
}

/// A poll of a call: it comes to an outcome, which is its task's.
pub(in crate::ctx) struct AnyCall<'a> {
    pub(in crate::ctx) handle: &'a Handle,
    pub(in crate::ctx) progress: &'a mut Progress,
    pub(super) of: &'a mut dyn Typed,
    /// See [`Table::shelved`](crate::table::Table::shelved).
    pub(super) shelved: Option<bool>,
    /// At a first look, if there was one.
    pub(super) seen: &'a mut Seen,
}

impl AnyCall<'_> {
    /// Ready: there is an outcome. `waker`: that of the poll; `caller`: whom to wake.
    #[inline(never)]
    pub(in crate::ctx) fn poll(
        &mut self,
        time: &Time,
        waker: &Waker,
        caller: Caller<'_>,
    ) -> Poll<()> {
        let mut missed = None;
        if self.progress.wait.is_none() {
            match self.look_or_begin(time, waker) {
                Ok(()) => {
                    self.forget();
                    return Poll::Ready(());
                }
                Err(found) => missed = found,
            }
        }
        self.poll_missed(missed, waker, caller)
    }

    /// Where nothing was remembered, or we wait.
    #[inline(never)]
    fn poll_missed(
        &mut self,
        mut missed: Option<Missed>,
        waker: &Waker,
        caller: Caller<'_>,
    ) -> Poll<()> {
        loop {
            if self.progress.wait.is_some() {
                match self.wait(waker, caller) {
                    Some(polled) => return polled,
                    None => continue,
                }
            }
            if let Some(missed) = missed.take() {
                if self.start(waker, missed) {
                    self.or_old();
                    break;
                }
                continue;
            }
            match self.look_or_begin(&Time::default(), waker) {
                Ok(()) => break,
                Err(found) => missed = found,
            }
        }
        self.forget();
        Poll::Ready(())
    }

    /// Looks, and starts the run that begins where there is nothing. `Err`: what else there is, if it
    /// is not a run that we wait for.
    fn look_or_begin(&mut self, time: &Time, waker: &Waker) -> Result<(), Option<Missed>> {
        if self.seen.hash.is_none() && self.safely(|call| call.look(time, waker)) {
            return Ok(());
        }
        let hash = self.seen.hash.take();
        if let Some(fresh) = self.seen.fresh.take() {
            return self.begin(fresh, None).then_some(()).ok_or(None);
        }
        if let Some(node) = self.seen.hit.take() {
            let served = self.safely(|call| call.look_at(node, time));
            return served.then_some(()).ok_or(Some(Missed::Unknown));
        }
        let found = core::mem::take(&mut self.seen.sight.found);
        Err(Some(
            hash.map_or(Missed::Unknown, |hash| Missed::Found(hash, found)),
        ))
    }

    /// `true`: there is an outcome. Foreign code is behind it: a panic is one.
    fn safely(&mut self, look: impl FnOnce(&mut Self) -> bool) -> bool {
        catch(|| look(self)).unwrap_or_else(|message| {
            self.panicked(message);
            true
        })
    }

    /// A user's `Hash`, `Eq` or `Clone` panicked: the call fails, nothing is remembered.
    #[cold]
    pub(super) fn panicked(&mut self, message: Message) {
        self.of.fail(Error::panicked(self.label(), message));
    }

    /// Foreign: runs the input's `Debug`.
    pub(super) fn label(&self) -> Box<str> {
        let of_entry = || self.progress.wait.as_ref().map(|wait| wait.node.label());
        self.of.label().or_else(of_entry).unwrap_or_default()
    }

    /// An outcome that is there, also one that is not kept in the table.
    pub(super) fn settled(&mut self, node: Arc<dyn Node>) -> bool {
        let settled = serve(self.of, &node);
        drop_quietly(node);
        settled
    }

    /// `None`: look again.
    fn wait(&mut self, waker: &Waker, caller: Caller<'_>) -> Option<Poll<()>> {
        let wait = self.progress.wait.as_mut().expect("we wait");
        match wait.register(caller) {
            Join::Joined | Join::Revived => {}
            Join::Cancelled => {
                self.refuse();
                return Some(self.left());
            }
            Join::Dropped => {
                if let Err(message) = self.recall() {
                    self.panicked(message);
                    return Some(self.left());
                }
                self.leave();
                return None;
            }
            Join::Settled => {
                if self.handle.engine.table.is_closed() {
                    self.of.fail(Error::cancelled());
                    return Some(self.left());
                }
                if !self.may_go_on(waker, caller) {
                    return Some(Poll::Pending);
                }
                let wait = self.progress.wait.as_ref().expect("we wait");
                let node = wait.node.clone();
                if !self.settled(node) {
                    self.refuse();
                }
                return Some(self.left());
            }
        }
        if self.drive(waker, caller) {
            return None;
        }
        Some(Poll::Pending)
    }

    /// There is an outcome, of what we waited for.
    fn left(&mut self) -> Poll<()> {
        self.leave();
        self.or_old();
        self.forget();
        Poll::Ready(())
    }

    /// Sees to it that somebody polls the run. `true`: look again.
    fn drive(&mut self, waker: &Waker, caller: Caller<'_>) -> bool {
        self.handle.keep_deadline();
        let depth = self.handle.depth(waker);
        let run = match &self.handle.run {
            Some(run) => Some(run.clone()),
            None => drive::nested(waker),
        };
        let wait = self.progress.wait.as_mut().expect("we wait");
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
        let detached = self.handle.run.is_none();
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
        let wait = self.progress.wait.as_mut().expect("we wait");
        let Some(run) = wait.still_aside(caller) else {
            return true;
        };
        let own = self.handle.run.as_ref();
        let _ = match own.filter(|own| !drive::is_elsewhere(own)) {
            Some(own) => wait.be_guest(&run, own, waker, caller, own.depth() + 1),
            None => wait.help(&run, caller, 0),
        };
        false
    }

    /// The caller gets that, and nothing else.
    pub(in crate::ctx) fn give_up(&mut self, error: impl FnOnce(Box<str>) -> Error) {
        let label = self.label();
        self.leave();
        self.forget();
        self.of.fail(error(label));
    }

    /// Before it is looked up again, if the input went to the entry. Foreign: clones it.
    fn recall(&mut self) -> Result<(), Message> {
        match &self.progress.wait {
            Some(wait) => catch(|| self.of.recall(&wait.node)),
            None => Ok(()),
        }
    }

    /// Its context is at its end.
    pub(super) fn refuse(&mut self) {
        let refused = match self.handle.engine.table.is_closed() {
            true => Error::cancelled(),
            false => Error::deadline_exceeded(self.label()),
        };
        self.of.fail(refused);
    }

    pub(super) fn leave(&mut self) {
        self.progress.leave(self.handle);
    }

    pub(super) fn forget(&mut self) {
        self.progress.forget();
    }
}

/// The outcome of an entry, for that of a call.
pub(super) fn serve(of: &mut dyn Typed, node: &Arc<dyn Node>) -> bool {
    let served = catch(|| of.serve(node));
    served.unwrap_or_else(|message| {
        of.fail(Error::panicked(node.label(), message));
        true
    })
}

impl Progress {
    /// It has found nothing yet, and nothing is asked of it but an outcome.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.wait.is_none() && !self.refresh && self.rare.is_none()
    }

    #[inline(never)]
    pub(super) fn leave(&mut self, handle: &Handle) {
        let Some(mut wait) = self.wait.take() else {
            return;
        };
        wait.disconnect(handle.run.as_ref());
        if !wait.over {
            self.leave_run(&wait, handle);
        }
        wait.stop_driving();
        wait.take_fresh().iter().for_each(drive::give_back);
        wait.come_back();
        drop_quietly(wait.node);
        handle.engine.spare.keep(wait.flight);
    }

    fn leave_run(&self, wait: &Wait, handle: &Handle) {
        if self.is_behind() {
            wait.flight.finish_if_abandoned();
        }
        let (engine, parent) = (&handle.engine, handle.run.as_ref());
        match drive::leave(&wait.flight, wait.slot, parent, engine.finish) {
            Leave::HandOver => drive::abandon(&wait.flight, Box::new(handle.clone())),
            Leave::Lend => drive::lend(&wait.flight),
            Leave::Nothing | Leave::Bury => {}
        }
    }

    /// Nobody asks how it came about any more: what was noted is foreign, too.
    #[inline(never)]
    pub(super) fn discard(&mut self) {
        self.forget();
        drop_quietly(self.rare.take());
    }

    /// What few calls have: its destructors are foreign.
    #[inline]
    pub(super) fn forget(&mut self) {
        if let Some(old) = self.take_old() {
            drop_quietly(old.node);
        }
    }
}

impl Handle {
    /// How deep a poll of ours is nested on this stack.
    fn depth(&self, waker: &Waker) -> usize {
        match &self.run {
            Some(run) => run.depth() + 1,
            None => drive::nested(waker).map_or(0, |run| run.depth() + 1),
        }
    }
}
