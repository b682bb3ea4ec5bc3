//! Polls the members of a group: at first all, then those who rang.
//!
//! No `async` here: a coroutine more between a task and those it calls would halve how
//! deep tasks may call each other at a given `recursion_limit`, and show up in errors
//! about circular tasks.
use super::{Going, Turn};
use crate::drive::Crew;
use crate::error::Error;
use crate::guard::drop_quietly;
use crate::notify::{Caller, Door};
use crate::sync::Arc;
use alloc::vec::Vec;
use core::cell::OnceCell;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};

/// The members of a group, each until it is done, then its outcome.
pub trait Places {
    type Outputs;
    type Outcomes;

    fn count(&self) -> usize;
    /// Is that member to be started by the executor?
    fn is_apart(&self, member: usize) -> bool;
    /// Says whether that member is done, and whether it failed.
    fn poll(&mut self, member: usize, turn: Turn<'_>) -> Poll<Result<(), Error>>;
    /// When all are done and none failed.
    fn outputs(self) -> Self::Outputs;
    /// When all are done.
    fn outcomes(self) -> Self::Outcomes;
    /// Drops each by itself: what is in there is foreign, and two panics at once would abort.
    fn discard(&mut self);
}

/// One member.
pub enum Place<G: Going> {
    Going(G),
    Done(Result<G::Output, Error>),
    Gone,
}

impl<G: Going> Place<G> {
    pub(super) fn is_apart(&self) -> bool {
        matches!(self, Self::Going(going) if going.is_apart())
    }

    pub(super) fn poll(&mut self, turn: Turn<'_>) -> Poll<Result<(), Error>> {
        let Self::Going(going) = self else {
            return Poll::Pending;
        };
        let outcome = ready!(going.poll(turn));
        let failed = outcome.as_ref().err().cloned();
        *self = Self::Done(outcome);
        Poll::Ready(failed.map_or(Ok(()), Err))
    }

    pub(super) fn outcome(self) -> Result<G::Output, Error> {
        match self {
            Self::Done(outcome) => outcome,
            Self::Going(_) | Self::Gone => unreachable!("all members are done"),
        }
    }

    pub(super) fn discard(&mut self) {
        drop_quietly(core::mem::replace(self, Self::Gone));
    }

    pub(super) fn output(self) -> G::Output {
        match self.outcome() {
            Ok(output) => output,
            Err(_) => unreachable!("none failed"),
        }
    }
}

/// All outputs, or the first error, and with it an end to all of the group.
pub(super) struct Join<P: Places, W> {
    group: Option<Group<P>>,
    _witness: W,
}

impl<P: Places, W> Join<P, W> {
    pub(super) fn new(places: P, witness: W) -> Self {
        Self {
            group: Some(Group::new(places)),
            _witness: witness,
        }
    }
}

impl<P: Places, W> Unpin for Join<P, W> {}

impl<P: Places, W> Future for Join<P, W> {
    type Output = Result<P::Outputs, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let group = self.group.as_mut().expect(ONCE);
        let all = ready!(group.poll(cx.waker(), |one| one));
        let group = self.group.take().expect(ONCE);
        Poll::Ready(all.map(|()| group.finish().outputs()))
    }
}

/// All outcomes.
pub(super) struct Settle<P: Places, W> {
    group: Option<Group<P>>,
    _witness: W,
}

impl<P: Places, W> Settle<P, W> {
    pub(super) fn new(places: P, witness: W) -> Self {
        Self {
            group: Some(Group::new(places)),
            _witness: witness,
        }
    }
}

impl<P: Places, W> Unpin for Settle<P, W> {}

impl<P: Places, W> Future for Settle<P, W> {
    type Output = P::Outcomes;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let group = self.group.as_mut().expect(ONCE);
        let _ = ready!(group.poll(cx.waker(), |_| Ok(())));
        Poll::Ready(self.group.take().expect(ONCE).finish().outcomes())
    }
}

const ONCE: &str = "not polled after it was ready";

/// A group under way.
struct Group<P: Places> {
    places: Option<P>,
    begun: bool,
    left: usize,
    door: Door,
    crew: OnceCell<Arc<Crew>>,
    due: Vec<usize>,
}

impl<P: Places> Group<P> {
    fn new(places: P) -> Self {
        let left = places.count();
        Self {
            places: Some(places),
            begun: false,
            left,
            door: Door::new(left),
            crew: OnceCell::new(),
            due: Vec::new(),
        }
    }

    /// Polls those who are due. `judge` says which outcome ends the group.
    fn poll(
        &mut self,
        waker: &Waker,
        judge: impl Fn(Result<(), Error>) -> Result<(), Error>,
    ) -> Poll<Result<(), Error>> {
        if !core::mem::replace(&mut self.begun, true) {
            self.begin(waker, &judge)?;
        }
        let mut due = core::mem::take(&mut self.due);
        self.door.answer(waker, &mut due);
        for member in due.drain(..) {
            self.poll_one(member, waker, &judge)?;
        }
        self.due = due;
        if self.left == 0 {
            return Poll::Ready(Ok(()));
        }
        Poll::Pending
    }

    /// Polls all. What the executor starts goes before what we poll ourselves, which may block.
    fn begin(
        &mut self,
        waker: &Waker,
        judge: &impl Fn(Result<(), Error>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let members = self.left;
        for apart in [true, false] {
            for member in 0..members {
                let places = self.places.as_ref().expect(ONCE);
                if places.is_apart(member) == apart {
                    self.poll_one(member, waker, judge)?;
                }
            }
        }
        Ok(())
    }

    fn poll_one(
        &mut self,
        member: usize,
        waker: &Waker,
        judge: &impl Fn(Result<(), Error>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let places = self.places.as_mut().expect(ONCE);
        let caller = Caller::Member(&self.door, member);
        let turn = Turn {
            waker,
            caller,
            crew: Some(&self.crew),
        };
        if let Poll::Ready(outcome) = places.poll(member, turn) {
            self.left -= 1;
            judge(outcome)?;
        }
        Ok(())
    }

    /// All are done.
    fn finish(mut self) -> P {
        self.places.take().expect(ONCE)
    }
}

impl<P: Places> Drop for Group<P> {
    fn drop(&mut self) {
        if let Some(places) = &mut self.places {
            places.discard();
        }
    }
}
