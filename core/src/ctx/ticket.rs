//! The body of a run: the task's future, its handle, and its books.
use super::terms::Own;
use super::{Counts, Ctx, Engine};
use crate::entry::{Body, Entry, Flight, Node};
use crate::error::{Error, Label, Lack};
use crate::executor::Sleep;
use crate::guard::drop_quietly;
use crate::sync::Arc;
use crate::task::{Outcome, Retention, Task};
use alloc::boxed::Box;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use core::time::Duration;

/// What a run in flight holds of its context. It is dropped after the task's own
/// future, so the task has let go of everything when it frees the run's place.
struct Ticket<S: Send + Sync + 'static> {
    ctx: Ctx<S>,
    /// Until it is settled.
    entry: Option<Arc<dyn Node>>,
    special: Option<Box<Special>>,
}

/// What few runs have.
pub(super) struct Special {
    /// Its outcome takes the place of another.
    refresh: bool,
    limit: Option<Limit>,
    /// How long it is remembered if it panics.
    panicked: Option<Retention>,
}

struct Limit {
    after: Duration,
    /// From the first poll that was pending.
    sleep: Option<Sleep>,
}

impl Special {
    /// `Err`: it has a limit, and the context no timer. Foreign: asks the task.
    pub(super) fn of<S, T: Task<S>>(
        engine: &Engine,
        refresh: bool,
    ) -> Result<Option<Box<Self>>, Lack> {
        let limit = T::limit().or(engine.limit());
        let panicked = T::retention(Outcome::Panicked);
        if limit.is_some() && engine.timer().is_none() {
            return Err(Lack::Limit);
        }
        if limit.is_none() && panicked.is_none() && !refresh {
            return Ok(None);
        }
        Ok(Some(Box::new(Self {
            refresh,
            limit: limit.map(|after| Limit { after, sleep: None }),
            panicked,
        })))
    }
}

/// The future that a flight holds.
pub(super) fn body<S: Send + Sync + 'static, T: Task<S>>(
    ctx: &Ctx<S>,
    flight: Arc<Flight>,
    entry: Arc<dyn Node>,
    input: T::Input,
    special: Option<Box<Special>>,
) -> Body {
    let ticket = Ticket {
        ctx: ctx.inside(flight),
        entry: Some(entry),
        special,
    };
    Box::pin(run::<S, T>(input, ticket))
}

/// The inputs stand first: a body that was never polled drops them in this order.
async fn run<S: Send + Sync + 'static, T: Task<S>>(input: T::Input, mut ticket: Ticket<S>) {
    let outcome = {
        let mut task = pin!(T::run(&ticket.ctx, input));
        let (special, engine) = (&mut ticket.special, &ticket.ctx.engine);
        poll_fn(|cx| poll_limited(task.as_mut(), special, engine, cx)).await
    };
    // The task's future is gone by now, and with it all that it held.
    match outcome {
        Some(outcome) => ticket.settle::<T>(outcome),
        None => ticket.time_out(),
    }
}

/// `None`: it took too long.
#[inline]
fn poll_limited<F: Future>(
    task: Pin<&mut F>,
    special: &mut Option<Box<Special>>,
    engine: &Engine,
    cx: &mut Context<'_>,
) -> Poll<Option<F::Output>> {
    if let Poll::Ready(outcome) = task.poll(cx) {
        return Poll::Ready(Some(outcome));
    }
    let limit = special.as_mut().and_then(|special| special.limit.as_mut());
    match limit {
        Some(limit) => limit.poll(engine, cx).map(|()| None),
        None => Poll::Pending,
    }
}

impl Limit {
    fn poll(&mut self, engine: &Engine, cx: &mut Context<'_>) -> Poll<()> {
        let Some(timer) = engine.timer() else {
            return Poll::Pending;
        };
        let sleep = self.sleep.get_or_insert_with(|| timer.sleep(self.after));
        pin!(sleep).poll(cx)
    }
}

impl<S: Send + Sync + 'static> Ticket<S> {
    fn settle<T: Task<S>>(mut self, outcome: Result<T::Output, T::Error>) {
        let engine = &self.ctx.engine;
        Counts::add(match &outcome {
            Ok(_) => &engine.counts.succeeded,
            Err(_) => &engine.counts.failed,
        });
        let Some(node) = self.entry.take() else {
            return;
        };
        if let Some(entry) = node.as_any().downcast_ref::<Entry<T::Input, T::Output>>() {
            let own = engine.ask::<S, T>(&entry.input, outcome.as_ref());
            let label = || Label(T::label).of(&entry.input);
            let outcome = outcome.map_err(|error| Error::failed(error, label));
            let keep = engine.decide(own, outcome.as_ref().map(|_| &()));
            engine.remember(&node, keep, self.is_refresh());
            drop(entry.outcome.set(outcome));
        }
        drop_quietly(node);
    }

    fn time_out(mut self) {
        let engine = &self.ctx.engine;
        Counts::add(&engine.counts.failed);
        if let Some(node) = self.entry.take() {
            engine.table.remove(&node);
            node.fail(Error::timed_out(node.label()));
            drop_quietly(node);
        }
    }

    fn is_refresh(&self) -> bool {
        (self.special.as_ref()).is_some_and(|special| special.refresh)
    }

    /// Its poll unwinds; the outcome comes later.
    fn panicked(&self, node: &Arc<dyn Node>) {
        let engine = &self.ctx.engine;
        Counts::add(&engine.counts.panicked);
        let own = self.special.as_ref().and_then(|special| special.panicked);
        let retention = own.unwrap_or_else(|| engine.retention(Outcome::Panicked));
        engine.remember(node, Own::light(retention), self.is_refresh());
    }
}

impl<S: Send + Sync + 'static> Drop for Ticket<S> {
    fn drop(&mut self) {
        let Some(node) = self.entry.take() else {
            return;
        };
        // Otherwise a panic unwinds it, and that is remembered.
        if self.ctx.run.as_ref().is_some_and(|run| run.is_dropping()) {
            self.ctx.engine.table.remove(&node);
            Counts::add(&self.ctx.engine.counts.dropped);
        } else {
            self.panicked(&node);
        }
        drop_quietly(node);
    }
}
