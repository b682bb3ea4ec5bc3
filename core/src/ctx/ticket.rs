//! The body of a run: the task's future, its handle, and its books.
mod pass;

use super::terms::{Own, drop_all};
use super::{Counts, Ctx, Engine, Handle, Of};
use crate::entry::{Body, Entry, Flight, Node};
use crate::error::{Error, ErrorKind, Label, Lack};
use crate::executor::{Sleep, Timer};
use crate::guard::{CATCHES, Message, catch, drop_quietly};
use crate::sync::Arc;
use crate::table::Gone;
use crate::task::{Concurrency, Outcome, Retention, Task};
use alloc::boxed::Box;
use core::any::TypeId;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use core::time::Duration;
use pass::{Enter, Pass};

pub(super) use pass::Gates;

/// What a run in flight holds of its context. It is dropped after the task's own
/// future, so the task has let go of everything when it frees the run's place.
///
/// Small, since each run allocates one.
struct Ticket<S: Send + Sync + 'static> {
    ctx: Ctx<S>,
    node: Arc<dyn Node>,
    special: Option<Box<Special>>,
    /// The task has its input: if that could not be cloned, nothing is remembered.
    begun: bool,
    settled: bool,
}

/// What few runs have.
pub(super) struct Special {
    /// Its outcome takes the place of another.
    refresh: bool,
    limit: Option<Limit>,
    /// It has to wait for its turn.
    pass: Option<Pass>,
    /// How long it is remembered if it panics.
    panicked: Option<Retention>,
}

struct Limit {
    after: Duration,
    timer: Arc<dyn Timer>,
    /// From the first poll that was pending.
    sleep: Option<Sleep>,
    over: bool,
}

/// What a task says of its runs.
struct Wishes {
    task: TypeId,
    limit: Option<Duration>,
    concurrency: Option<Concurrency>,
    panicked: Option<Retention>,
}

impl Special {
    /// Is there nothing to see to before a run begins? Foreign: asks the task.
    #[inline]
    pub(super) fn is_needless<S, T: Task<S>>(engine: &Engine) -> bool {
        let nothing = || {
            T::limit().is_none()
                && T::concurrency().is_none()
                && T::retention(Outcome::Panicked).is_none()
        };
        engine.is_untimed() && catch(nothing).unwrap_or(false)
    }

    /// `behind`: for nobody. `Err`: it has a limit, and the context no timer. Foreign: asks the task.
    pub(super) fn of<S, T: Task<S>>(
        engine: &Engine,
        refresh: bool,
        behind: bool,
    ) -> Result<Option<Box<Self>>, Lack> {
        let panicked = catch(|| T::retention(Outcome::Panicked));
        let own = Wishes {
            task: TypeId::of::<T>(),
            limit: T::limit(),
            concurrency: T::concurrency(),
            panicked: panicked.unwrap_or(Some(Retention::CallersOnly)),
        };
        Self::new(engine, own, refresh, behind)
    }

    fn new(
        engine: &Engine,
        own: Wishes,
        refresh: bool,
        behind: bool,
    ) -> Result<Option<Box<Self>>, Lack> {
        let after = own.limit.or(engine.limit());
        let limit = match (after, engine.timer()) {
            (None, _) => None,
            (Some(_), None) => return Err(Lack::Limit),
            (Some(after), Some(timer)) => Some(Limit {
                after,
                timer: timer.clone(),
                sleep: None,
                over: false,
            }),
        };
        let gate = (own.concurrency).map(|bounds| engine.gate(own.task, bounds));
        let panicked = own.panicked;
        if limit.is_none() && gate.is_none() && panicked.is_none() && !refresh {
            return Ok(None);
        }
        Ok(Some(Box::new(Self {
            refresh,
            limit,
            pass: gate.map(|gate| Pass::new(gate, !behind)),
            panicked,
        })))
    }
}

/// The future that a flight holds.
pub(super) fn body<S: Send + Sync + 'static, T: Task<S>>(
    ctx: &Ctx<S>,
    node: &Arc<dyn Node>,
    flight: &Arc<Flight>,
    special: Option<Box<Special>>,
) -> Body {
    let mut special = special;
    if let Some(pass) = special.as_mut().and_then(|special| special.pass.as_mut()) {
        pass.of(flight);
    }
    let mut ticket = Ticket {
        ctx: ctx.inside(flight.clone()),
        node: node.clone(),
        special,
        begun: false,
        settled: false,
    };
    Box::pin(async move {
        // It stays where it is: a ticket is too large to be moved once more.
        let ticket = &mut ticket;
        let special = &mut ticket.special;
        if !(Enter { special }).await {
            return ticket.fail(Failed::Overloaded);
        }
        let input = match ticket.input::<T>() {
            Ok(input) => {
                ticket.begun = true;
                input
            }
            Err(message) => return ticket.fail(Failed::Panicked(message)),
        };
        let task = T::run(&ticket.ctx, input);
        let special = &mut ticket.special;
        let outcome = Limited { task, special }.await;
        // The task's future is gone by now, and with it all that it held.
        match outcome {
            Some(outcome) => ticket.settle::<T>(outcome),
            None => ticket.fail(Failed::TimedOut),
        }
    })
}

/// How a run fails without an outcome of its task. It is not remembered.
enum Failed {
    Overloaded,
    TimedOut,
    /// As its input was cloned.
    Panicked(Message),
}

pin_project_lite::pin_project! {
    /// `None`: it took too long.
    struct Limited<'t, F> {
        #[pin]
        task: F,
        special: &'t mut Option<Box<Special>>,
    }
}

impl<F: Future> Future for Limited<'_, F> {
    type Output = Option<F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(special) = this.special {
            if !special.may_go(cx) {
                return special.poll(cx).map(|()| None);
            }
        }
        if let Poll::Ready(outcome) = this.task.poll(cx) {
            return Poll::Ready(Some(outcome));
        }
        match this.special {
            Some(special) => {
                special.step_aside();
                special.poll(cx).map(|()| None)
            }
            None => Poll::Pending,
        }
    }
}

impl Special {
    /// Ready: it takes too long.
    #[inline(never)]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(limit) = &mut self.limit else {
            return Poll::Pending;
        };
        let after = limit.after;
        let sleep = (limit.sleep).get_or_insert_with(|| limit.timer.sleep(after));
        let over = pin!(sleep).poll(cx);
        limit.over = over.is_ready();
        over
    }
}

impl<S: Send + Sync + 'static> Ticket<S> {
    /// What is foreign comes first: if it panics, that is the outcome.
    fn settle<T: Task<S>>(&mut self, outcome: Result<T::Output, T::Error>) {
        let (entry, engine) = (entry::<S, T>(&self.node), &self.ctx.handle.engine);
        let own = engine.ask::<S, T>(&entry.input, outcome.as_ref());
        let label = || Label(T::label).of(&entry.input);
        let outcome = outcome.map_err(|error| Error::failed(error, label));
        let as_it_is = own.retention.is_none() && self.special.is_none() && engine.is_plain();
        if as_it_is && outcome.is_ok() {
            Counts::add(&engine.counts.succeeded);
            self.settled = true;
            return drop(entry.outcome.set(outcome));
        }
        let error = outcome.as_ref().err().cloned();
        let (refresh, mut outcome) = (self.is_refresh(), Some(outcome));
        let publish = &mut || {
            if let Some(outcome) = outcome.take() {
                drop(entry.outcome.set(outcome));
            }
        };
        let settled = &mut self.settled;
        engine.conclude(&self.node, own, error, refresh, settled, publish);
    }

    /// The task's own input. Foreign: clones it.
    fn input<T: Task<S>>(&self) -> Result<T::Input, Message> {
        let entry = entry::<S, T>(&self.node);
        catch(|| entry.input.clone())
    }

    fn fail(&mut self, failed: Failed) {
        let (engine, node) = (&self.ctx.handle.engine, &self.node);
        let (kind, count) = match failed {
            Failed::Overloaded => (ErrorKind::Overloaded, &engine.counts.failed),
            Failed::TimedOut => (ErrorKind::TimedOut, &engine.counts.failed),
            Failed::Panicked(_) => (ErrorKind::Panicked, &engine.counts.panicked),
        };
        Counts::add(count);
        self.settled = true;
        let gone = match self.is_refresh() {
            true => engine.table.fail(node, None, engine.failure(kind, None)),
            false => {
                engine.table.remove(node);
                Gone::new()
            }
        };
        node.fail(match failed {
            Failed::Overloaded => Error::overloaded(node.label()),
            Failed::TimedOut => Error::timed_out(node.label()),
            Failed::Panicked(message) => Error::panicked(node.label(), message),
        });
        drop_all(gone);
    }

    fn is_refresh(&self) -> bool {
        (self.special.as_ref()).is_some_and(|special| special.refresh)
    }

    /// Its poll unwinds; the outcome is published when that is done, and what it drives out is
    /// dropped after that.
    fn panicked(&self) {
        let engine = &self.ctx.handle.engine;
        Counts::add(&engine.counts.panicked);
        let special = self.special.as_deref();
        let own = special.and_then(|special| match &special.limit {
            Some(limit) if limit.over => Some(Retention::CallersOnly),
            _ => special.panicked,
        });
        let retention = match own {
            _ if !CATCHES && (engine.terms.is_some() || !self.begun) => Retention::CallersOnly,
            Some(own) => own,
            None => engine.retention(Outcome::Panicked),
        };
        let fate = engine.fate(
            Own::light(retention),
            Some(ErrorKind::Panicked),
            self.is_refresh(),
        );
        let gone = engine.note(&self.node, fate);
        if let Some(run) = &self.ctx.handle.run {
            run.drop_late(gone);
        }
    }
}

impl Engine {
    /// A run came to an outcome, which its task says that of. From `settled` on it will be published.
    fn conclude(
        &self,
        node: &Arc<dyn Node>,
        own: Own<Option<Retention>>,
        error: Option<Error>,
        refresh: bool,
        settled: &mut bool,
        publish: &mut dyn FnMut(),
    ) {
        let own = self.decide(own, error.as_ref().map_or(Ok(&()), Err));
        let failed = error.as_ref().map(Error::root_kind);
        let fate = self.fate(own, failed, refresh);
        *settled = true;
        Counts::add(match failed {
            None => &self.counts.succeeded,
            Some(_) => &self.counts.failed,
        });
        self.remember(node, fate, refresh, publish);
        // It may be the last by now.
        drop_quietly(error);
    }
}

fn entry<S: 'static, T: Task<S>>(node: &Arc<dyn Node>) -> &Entry<Of<S, T>> {
    Entry::of(node).expect("the entry is its task's")
}

impl<S: Send + Sync + 'static> Drop for Ticket<S> {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        // Otherwise a panic unwinds it, and that is remembered.
        let Handle { engine, run } = &self.ctx.handle;
        if run.as_ref().is_some_and(|run| run.is_dropping()) {
            engine.table.remove(&self.node);
            Counts::add(&engine.counts.dropped);
        } else {
            self.panicked();
        }
    }
}
