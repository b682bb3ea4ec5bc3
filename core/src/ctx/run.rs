//! The future of a call: the only orchestrator of a run.
use super::wait::Wait;
use super::{Counts, Ctx, advice, outcome, panicked, ticket};
use crate::cycle::Search;
use crate::drive;
use crate::entry::{Entry, Flight, Node};
use crate::error::{Error, Label};
use crate::guard::{catch, drop_quietly};
use crate::notify::Caller;
use crate::ready::ReadySet;
use crate::state::Join;
use crate::sync::Arc;
use crate::table::Lookup;
use crate::task::{Call, Task};
use alloc::boxed::Box;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use futures_core::FusedFuture;

/// The future of a call, made by [`Ctx::run`].
///
/// It does nothing until it is polled.
///
/// # Cancel safety
///
/// Dropping it withdraws this caller's interest. The run goes on for the others; if
/// there are none, it is dropped, or finished by the executor where the context says so.
#[must_use = "futures do nothing unless polled"]
pub struct Run<'c, S: Send + Sync + 'static, T: Task<S>, F> {
    member: Member<'c, S, T>,
    /// Makes rustc compute the layout of the task's future: tasks that call each other
    /// in a circle are then an error of compilation, E0733.
    _witness: [F; 0],
}

/// A call without its witness: also a member of a group.
pub(crate) struct Member<'c, S: Send + Sync + 'static, T: Task<S>> {
    ctx: &'c Ctx<S>,
    input: Option<T::Input>,
    /// If fresh, it is to be started by the executor.
    apart: bool,
    wait: Option<Wait>,
}

enum Started<O> {
    Ready(Result<O, Error>),
    Again,
}

impl<S: Send + Sync + 'static> Ctx<S> {
    /// Runs a call: the first caller starts it, others join it, later ones get what it
    /// came to.
    ///
    /// # Errors
    ///
    /// What the task fails with; [`ErrorKind`](crate::ErrorKind) lists what else.
    ///
    /// # Panics
    ///
    /// When it is polled after it was ready.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future withdraws this caller's interest, no more: see [`Run`]. One
    /// that is polled once and then kept still counts as a wait.
    #[cfg(feature = "compile-time-cycles")]
    pub fn run<T: Task<S>>(&self, call: Call<T, T::Input>) -> Run<'_, S, T, impl Send + use<S, T>> {
        Run::new(Member::new(self, call.input), |ctx, input| {
            T::run(ctx, input)
        })
    }

    /// Runs a call.
    #[cfg(not(feature = "compile-time-cycles"))]
    pub fn run<T: Task<S>>(&self, call: Call<T, T::Input>) -> Run<'_, S, T, ()> {
        Run::new(Member::new(self, call.input), |_, _| ())
    }
}

impl<'c, S: Send + Sync + 'static, T: Task<S>, F> Run<'c, S, T, F> {
    /// The closure is never called: its type tells the type of the task's future.
    pub(crate) fn new(
        member: Member<'c, S, T>,
        _: impl FnOnce(&'static Ctx<S>, T::Input) -> F,
    ) -> Self {
        Self {
            member,
            _witness: [],
        }
    }
}

impl<S: Send + Sync + 'static, T: Task<S>, F> Unpin for Run<'_, S, T, F> {}

impl<S: Send + Sync + 'static, T: Task<S>, F> Future for Run<'_, S, T, F> {
    type Output = Result<T::Output, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.member.poll(cx.waker(), Caller::Alone(cx.waker()))
    }
}

/// With `futures::select!` and the like: it is terminated once it was ready.
impl<S: Send + Sync + 'static, T: Task<S>, F> FusedFuture for Run<'_, S, T, F> {
    fn is_terminated(&self) -> bool {
        self.member.input.is_none()
    }
}

impl<S: Send + Sync + 'static, T: Task<S>, F> fmt::Debug for Run<'_, S, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Run");
        debug.field("task", &T::name()).finish_non_exhaustive()
    }
}

impl<'c, S: Send + Sync + 'static, T: Task<S>> Member<'c, S, T> {
    pub(crate) fn new(ctx: &'c Ctx<S>, input: T::Input) -> Self {
        Self {
            ctx,
            input: Some(input),
            apart: false,
            wait: None,
        }
    }

    /// To be started by the executor, if there is one and the run is fresh.
    pub(crate) fn apart(mut self) -> Self {
        self.apart = self.ctx.engine.host.executor.is_some();
        self
    }

    /// `waker`: that of the poll; `caller`: whom to wake.
    #[inline]
    pub(crate) fn poll(
        &mut self,
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
            let input = self.input.as_ref().expect("polled after it was ready");
            let started = catch(|| self.look())
                .unwrap_or_else(|message| Started::Ready(Err(panicked::<S, T>(input, message))));
            let outcome = match started {
                Started::Ready(outcome) => Some(outcome),
                Started::Again => self.start(waker),
            };
            if let Some(outcome) = outcome {
                self.input = None;
                return Poll::Ready(outcome);
            }
        }
    }

    /// A hit, if there is one. Foreign: hashes, compares and clones.
    #[inline]
    fn look(&self) -> Started<T::Output> {
        let input = self.input.as_ref().expect("not ready yet");
        match self
            .ctx
            .engine
            .table
            .peek_hit::<_, T::Output>(&self.ctx.key::<T>(input))
        {
            Lookup::Hit(node) => {
                let outcome = outcome::<S, T>(&node);
                drop_quietly(node);
                outcome.map_or(Started::Again, Started::Ready)
            }
            Lookup::Closed => Started::Ready(Err(Error::cancelled())),
            _ => Started::Again,
        }
    }

    /// Joins a run in flight, or creates one.
    #[inline(never)]
    fn start(&mut self, waker: &Waker) -> Option<Result<T::Output, Error>> {
        let input = self.input.as_ref().expect("not ready yet");
        let found = catch(|| {
            let key = self.ctx.key::<T>(input);
            let found = self.ctx.engine.table.lookup::<_, T::Output>(&key);
            match found {
                Lookup::Vacant => self.create(&key, waker),
                found => Created::Found(found),
            }
        });
        match found {
            Err(message) => Some(Err(panicked::<S, T>(input, message))),
            Ok(Created::Found(Lookup::Closed)) => Some(Err(Error::cancelled())),
            Ok(Created::Found(Lookup::InFlight(node))) => self.join(node),
            // Settled meanwhile, or vacant again: look once more.
            Ok(Created::Found(_)) => None,
            Ok(Created::Fresh(wait, input)) => {
                self.begin(wait, input, waker);
                None
            }
        }
    }

    /// Publishes a fresh run, unless somebody is faster. Foreign: clones and compares.
    fn create(&self, key: &crate::table::Key<'_, T::Input>, waker: &Waker) -> Created<T::Input> {
        let (theirs, ours) = (key.input.clone(), key.input.clone());
        let engine = &self.ctx.engine;
        let flight = engine.flight();
        let label = Label(T::label);
        let entry =
            Entry::<T::Input, T::Output>::new(key.hash, key.task, theirs, label, flight.clone());
        let node: Arc<dyn Node> = Arc::new(entry);
        let parent = self.ctx.run.as_ref();
        let set = match self.apart {
            true => Some(ReadySet::new(engine.host.clone())),
            false => self.set_around(waker),
        };
        let outside = self.is_outside();
        flight.begin(node.clone(), parent.cloned(), outside, set);
        let ask = parent.map(|run| run.ask(flight.clone()));
        let found = catch(|| engine.table.insert::<_, T::Output>(key, &node));
        if !matches!(found, Ok(Lookup::Vacant)) {
            if let (Some(run), Some(ask)) = (parent, ask) {
                run.asked(ask);
            }
            flight.abort();
            drop_quietly(node);
            // A comparison that panics will do so again.
            return Created::Found(found.unwrap_or(Lookup::Vacant));
        }
        let wait = Wait::new(node, flight, 0, ask, self.apart);
        Created::Fresh(wait, ours)
    }

    /// What is created within a run, through a handle that does not know it, belongs to
    /// that run's set: a chain of such runs is one set, not a chain of sets.
    fn set_around(&self, waker: &Waker) -> Option<Arc<ReadySet<Flight>>> {
        if self.ctx.run.is_some() {
            return None; // by its creator
        }
        let around = drive::nested(waker)?;
        (around.host.is(&self.ctx.engine.host)).then(|| drive::set_of(&around))
    }

    /// Starts what was created.
    fn begin(&mut self, wait: Wait, input: T::Input, waker: &Waker) {
        let engine = self.ctx.engine.clone();
        Counts::add(&engine.counts.runs);
        let (flight, node) = (wait.flight.clone(), wait.node.clone());
        self.wait = Some(wait);
        let body = ticket::body::<S, T>(self.ctx, flight.clone(), node, input);
        if self.apart {
            drive::postpone(&flight, body);
        } else {
            drive::start(&flight, body, self.depth(waker));
        }
    }

    /// Not within a run, for all that is known.
    fn is_outside(&self) -> bool {
        self.ctx.run.is_none() && !drive::is_polling()
    }

    /// How deep a poll of ours is nested on this stack.
    fn depth(&self, waker: &Waker) -> usize {
        match &self.ctx.run {
            Some(run) => run.depth() + 1,
            None => drive::nested(waker).map_or(0, |run| run.depth() + 1),
        }
    }

    fn join(&mut self, node: Arc<dyn Node>) -> Option<Result<T::Output, Error>> {
        let Some(flight) = node.head().flight() else {
            drop_quietly(node);
            return None;
        };
        let (found, slot, ask) = match &self.ctx.run {
            None => {
                let (found, slot) = flight.join(None, self.is_outside());
                (found, slot, None)
            }
            Some(run) => match self.join_from(run, &flight) {
                Ok(joined) => joined,
                Err(cycle) => return Some(Err(cycle)),
            },
        };
        match found {
            Join::Joined | Join::Revived => {
                let revived = (found == Join::Revived).then(|| flight.clone());
                self.wait = Some(Wait::new(node, flight, slot, ask, true));
                revived.iter().for_each(Flight::push);
                None
            }
            Join::Cancelled => Some(Err(Error::cancelled())),
            Join::Settled => self.settled(node),
            Join::Dropped => None,
        }
    }

    /// An outcome that is there, also one that is not kept in the table.
    fn settled(&self, node: Arc<dyn Node>) -> Option<Result<T::Output, Error>> {
        let input = self.input.as_ref().expect("not ready yet");
        let outcome = catch(|| outcome::<S, T>(&node));
        drop_quietly(node);
        outcome.unwrap_or_else(|message| Some(Err(panicked::<S, T>(input, message))))
    }

    /// Joins from within a run, if that closes no circle.
    fn join_from(
        &self,
        run: &Arc<Flight>,
        flight: &Arc<Flight>,
    ) -> Result<(Join, usize, Option<usize>), Error> {
        let mut search = Search::new(run, flight); // outlives the lock
        let joined = self.ctx.engine.graph.with(|searches| {
            *searches = searches.wrapping_add(1);
            if let Some(cycle) = search.run(*searches) {
                return Err(cycle);
            }
            let (found, slot) = flight.join(Some(run.clone()), false);
            let ask =
                matches!(found, Join::Joined | Join::Revived).then(|| run.ask(flight.clone()));
            Ok((found, slot, ask))
        });
        drop(search);
        joined.map_err(|cycle| Error::cycle(cycle.labels()))
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
            Join::Cancelled => return Some(self.ready(Err(Error::cancelled()))),
            Join::Dropped => {
                self.leave();
                return None;
            }
            Join::Settled => {
                if self.ctx.engine.table.is_closed() {
                    return Some(self.ready(Err(Error::cancelled())));
                }
                let outcome = self.settled(wait.node.clone());
                return Some(self.ready(outcome.unwrap_or_else(|| Err(Error::cancelled()))));
            }
        }
        if self.drive(waker, caller) {
            return None;
        }
        Some(Poll::Pending)
    }

    fn ready(&mut self, outcome: Result<T::Output, Error>) -> Poll<Result<T::Output, Error>> {
        self.leave();
        self.input = None;
        Poll::Ready(outcome)
    }

    /// Sees to it that somebody polls the run. `true`: look again.
    fn drive(&mut self, waker: &Waker, caller: Caller<'_>) -> bool {
        let depth = self.depth(waker);
        let run = match &self.ctx.run {
            Some(run) => Some(run.clone()),
            None => drive::nested(waker),
        };
        let wait = self.wait.as_mut().expect("we wait");
        let Some(run) = run else {
            return wait.drain(caller, depth);
        };
        let detached = self.ctx.run.is_none();
        wait.link(&run, detached);
        if detached {
            advice::outside_call(&self.ctx.engine.table, &run, &wait.node);
        }
        if run.is_target(waker) {
            return false;
        }
        wait.be_guest(&run, caller, depth)
    }

    fn leave(&mut self) {
        let Some(mut wait) = self.wait.take() else {
            return;
        };
        let engine = &self.ctx.engine;
        let parent = self.ctx.run.as_ref();
        wait.disconnect(parent);
        if drive::leave(&wait.flight, wait.slot, parent, engine.finish) {
            drive::abandon(&wait.flight, Box::new(self.ctx.clone()));
        }
        wait.stop_driving();
        drop_quietly(wait.node);
        if wait.flight.is_over() {
            engine.recycle(wait.flight);
        }
    }
}

enum Created<I> {
    Fresh(Wait, I),
    Found(Lookup),
}

impl<S: Send + Sync + 'static, T: Task<S>> Drop for Member<'_, S, T> {
    fn drop(&mut self) {
        self.leave();
    }
}
