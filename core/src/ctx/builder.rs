//! Building a context.
use super::{Ctx, Engine};
use crate::executor::{Executor, Host, Limits};
use crate::sync::Arc;
use core::fmt;
use core::marker::PhantomData;

/// Builds a [`Ctx`]. Made by [`Ctx::builder`].
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
pub struct Builder<S, X = NoExecutor> {
    state: Arc<S>,
    host: Host,
    finish: bool,
    parent: Option<Arc<Engine>>,
    executor: PhantomData<fn() -> X>,
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
            finish: false,
            parent: None,
            executor: PhantomData,
        }
    }

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
    pub fn executor(mut self, executor: impl Executor) -> Builder<S, WithExecutor> {
        self.host.executor = Some(Arc::new(executor));
        Builder {
            state: self.state,
            host: self.host,
            finish: self.finish,
            parent: self.parent,
            executor: PhantomData,
        }
    }
}

impl<S: Send + Sync + 'static> Builder<S, WithExecutor> {
    /// A run that was asked for from outside of any task, and whose last caller goes away,
    /// is finished by the executor and remembered, instead of being dropped. It keeps the
    /// context alive until it is over.
    ///
    /// What only tasks have asked for, and let go of (the loser of a race, the sibling of a
    /// failed call), is dropped all the same.
    pub fn finish_abandoned(mut self) -> Self {
        self.finish = true;
        self
    }
}

impl<S: Send + Sync + 'static, X> Builder<S, X> {
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
    /// Nothing else is shared: neither memory, nor executor, nor state.
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
        self.parent = Some(parent.engine.clone());
        self
    }

    /// The context, as it was asked for.
    pub fn build(self) -> Ctx<S> {
        let engine = Engine::new(self.host, self.finish).within(self.parent);
        Ctx::from_parts(engine, self.state)
    }
}

impl<S, X> fmt::Debug for Builder<S, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Builder");
        debug.field("executor", &self.host.executor.is_some());
        debug.field("finish_abandoned", &self.finish);
        debug.finish_non_exhaustive()
    }
}
