//! Building a context.
mod memory;
mod stale;
mod time;

use super::terms::Terms;
use super::{Ctx, Engine};
use crate::executor::{Executor, Host, Limits, Timer};
use crate::sync::{AnyArc, Arc, Weak, share};
use alloc::boxed::Box;
use core::fmt;
use core::marker::PhantomData;

pub use time::Timed;

/// Builds a [`Ctx`]. Made by [`Ctx::builder`].
///
/// `X` and `T` say whether it has an executor and a timer: what needs one is there only
/// then. So the runtime, or executor, timer and clock, comes first, and what needs it after.
///
/// # Examples
///
/// ```
/// # use runce::Ctx;
/// # let ctx: Ctx =
/// Ctx::builder(())
///     .inline_depth(16) // a small stack
///     .build();
/// ```
#[must_use = "a builder does nothing until it builds"]
pub struct Builder<S, X = NoExecutor, T = NoTimer> {
    state: Arc<S>,
    host: Host,
    options: Options,
    has: PhantomData<fn() -> (X, T)>,
}

/// What is the context's own, and not its runs'.
#[derive(Default)]
pub(super) struct Options {
    pub(super) finish: bool,
    pub(super) terms: Option<Box<Terms>>,
    pub(super) parent: Option<Weak<Engine>>,
}

/// In the type of a [`Builder`]: the context will be driven by its callers alone.
#[derive(Debug)]
#[non_exhaustive]
pub struct NoExecutor;

/// In the type of a [`Builder`]: the context will have an executor, so that what needs one can
/// be asked for.
#[derive(Debug)]
#[non_exhaustive]
pub struct WithExecutor;

/// In the type of a [`Builder`]: the context was given neither a timer nor a clock.
#[derive(Debug)]
#[non_exhaustive]
pub struct NoTimer;

/// In the type of a [`Builder`]: the context will have a clock, so that what is remembered can
/// be bounded in time.
#[derive(Debug)]
#[non_exhaustive]
pub struct WithClock;

/// In the type of a [`Builder`]: the context will have a timer, which is a clock too, so that
/// waits can be bounded in time.
#[derive(Debug)]
#[non_exhaustive]
pub struct WithTimer;

impl<S: Send + Sync + 'static> Builder<S> {
    pub(super) fn new(state: Arc<S>) -> Self {
        let limits = Limits {
            depth: 32,
            budget: 64,
        };
        Self {
            state,
            host: Host {
                executor: None,
                limits,
            },
            options: Options::default(),
            has: PhantomData,
        }
    }

    /// An executor and a timer in one: a runtime. The same as [`executor`](Self::executor) and
    /// [`timer`](Builder::timer).
    ///
    /// # Examples
    ///
    /// On tokio it is `runce_tokio::Tokio::current()?`; here the one for tests:
    ///
    /// ```
    /// # use runce::Ctx;
    /// # use runce::testing::Seeded;
    /// # use std::time::Duration;
    /// let ctx = Ctx::builder(())
    ///     .runtime(Seeded::new(1))
    ///     .deadline(Duration::from_secs(30))
    ///     .build();
    /// # let _ = ctx;
    /// ```
    pub fn runtime(
        self,
        runtime: impl Executor + Timer + Clone,
    ) -> Builder<S, WithExecutor, WithTimer> {
        self.executor(runtime.clone()).timer(runtime)
    }
}

impl<S: Send + Sync + 'static, T> Builder<S, NoExecutor, T> {
    /// Runs that several callers wait for, and groups, are driven by that executor.
    ///
    /// Where several callers wait, each is then woken once, by its outcome; without one, a
    /// wake of a run wakes every caller connected to it. A sole caller drives its run itself,
    /// and is woken as often as that.
    ///
    /// # Examples
    ///
    /// ```
    /// use runce::{Ctx, Executor, Job};
    ///
    /// /// Each job has a thread.
    /// struct Threads;
    ///
    /// impl Executor for Threads {
    ///     fn spawn(&self, job: Job) {
    ///         std::thread::spawn(|| pollster::block_on(job));
    ///     }
    /// }
    ///
    /// let ctx = Ctx::builder(()).executor(Threads).finish_abandoned().build();
    /// # let _ = ctx;
    /// ```
    pub fn executor(mut self, executor: impl Executor) -> Builder<S, WithExecutor, T> {
        self.host.executor = Some(share!(executor => dyn Executor));
        self.with()
    }
}

impl<S: Send + Sync + 'static, T> Builder<S, WithExecutor, T> {
    /// A run that was asked for from outside of this context's tasks, and whose last caller
    /// goes away, is finished by the executor and remembered, instead of being dropped. It
    /// keeps the context alive until it is over.
    ///
    /// What only its tasks have asked for, and let go of (the loser of a race, the sibling of a
    /// failed call), is dropped all the same.
    pub fn finish_abandoned(mut self) -> Self {
        self.options.finish = true;
        self
    }
}

impl<S: Send + Sync + 'static, X, T> Builder<S, X, T> {
    /// Polls of runs nest at most so deep on one stack; deeper ones are queued. 32 if
    /// not set; 0 counts as 1. Less for small stacks.
    pub fn inline_depth(mut self, depth: usize) -> Self {
        self.host.limits.depth = depth.max(1);
        self
    }

    /// So many runs are polled at most by one poll of a caller or job. 64 if not set; 0
    /// counts as 1.
    pub fn poll_budget(mut self, runs: usize) -> Self {
        self.host.limits.budget = runs.max(1);
        self
    }

    /// The context is cancelled when that one is: by hand, or because its last handle went
    /// away. If that is cancelled already, the context is from the start.
    ///
    /// Nothing else is shared: neither memory, nor executor, nor state, nor deadline.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::Ctx;
    /// let server = Ctx::new("the server's state");
    /// let request = Ctx::builder(7).parent(&server).build();
    /// server.cancel();
    /// assert!(request.is_cancelled());
    /// ```
    pub fn parent<P>(mut self, parent: &Ctx<P>) -> Self {
        self.options.parent = Some(Arc::downgrade(&parent.handle.engine));
        self
    }

    /// The context, as it was asked for.
    pub fn build(self) -> Ctx<S> {
        Ctx::of(Engine::new(
            self.host,
            AnyArc::new(self.state),
            self.options,
        ))
    }

    fn with<Y, U>(self) -> Builder<S, Y, U> {
        Builder {
            state: self.state,
            host: self.host,
            options: self.options,
            has: PhantomData,
        }
    }
}

impl Options {
    fn terms(&mut self) -> &mut Terms {
        self.terms.get_or_insert_default()
    }
}

impl<S, X, T> fmt::Debug for Builder<S, X, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Builder");
        debug.field("executor", &self.host.executor.is_some());
        debug.field("terms", &self.options.terms);
        debug.field("finish_abandoned", &self.options.finish);
        debug.finish_non_exhaustive()
    }
}
