//! What a context runs on: the traits that adapters implement.
mod clocks;
mod time;
mod work;

use crate::sync::Arc;
use alloc::boxed::Box;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

pub use clocks::TickClock;
#[cfg(feature = "std")]
pub use clocks::{CoarseClock, MonotonicClock};
pub use time::{Clock, Sleep, Timer};
pub use work::Work;

/// Runs jobs in the background. An adapter for a runtime implements this.
///
/// A context without an executor is driven by its callers alone; with one, runs
/// that several callers wait for, and the members of a parallel group, are driven by
/// jobs spawned here.
///
/// # Examples
///
/// An executor that puts its jobs into a channel, for some other thread to poll:
///
/// ```
/// use runce::{Ctx, Executor, Job};
/// use std::sync::mpsc::{Sender, channel};
///
/// struct Queue(Sender<Job>);
///
/// impl Executor for Queue {
///     fn spawn(&self, job: Job) {
///         // If nobody receives any more, the job is dropped: its callers then
///         // drive their runs themselves.
///         let _ = self.0.send(job);
///     }
/// }
///
/// let (sender, _jobs) = channel();
/// let ctx = Ctx::builder(()).executor(Queue(sender)).build();
/// # let _ = ctx;
/// ```
pub trait Executor: Send + Sync + 'static {
    /// Takes over a job and polls it as often as it is woken, until it is ready.
    ///
    /// An executor that cannot (it is shut down, or full) drops the job, at once or
    /// later. Nothing is lost by that: callers are woken and drive their runs
    /// themselves; only runs that nobody waits for any more are dropped with it.
    ///
    /// Must not poll the job before it returns.
    fn spawn(&self, job: Job);

    /// Takes over a piece of work that blocks its thread, and does it where that harms
    /// nobody: not on a thread that polls jobs. One that cannot drops it: whoever waits for it
    /// then does it.
    ///
    /// The default does it at once, on the caller's thread.
    fn spawn_blocking(&self, work: Work) {
        work.run();
    }

    /// Which of those that may be begun is next, modulo their number. For executors that explore
    /// orders.
    #[doc(hidden)]
    fn pick(&self) -> usize {
        0
    }

    /// Calls `work` once, before it returns, in the executor's environment.
    ///
    /// Every poll and every drop of a run passes through here, so that a run finds
    /// its runtime, whoever polls it. The default just calls it.
    fn enter(&self, work: &mut dyn FnMut()) {
        work();
    }
}

impl<E: Executor + ?Sized> Executor for Arc<E> {
    fn spawn(&self, job: Job) {
        (**self).spawn(job);
    }

    fn spawn_blocking(&self, work: Work) {
        (**self).spawn_blocking(work);
    }

    fn pick(&self) -> usize {
        (**self).pick()
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        (**self).enter(work);
    }
}

/// A future for an [`Executor`]: it drives runs that somebody waits for.
///
/// It is ready when nobody waits for any of them. An executor polls it like any other future;
/// [`Executor`] has an example.
///
/// # Cancel safety
///
/// Dropping it gives the work back to the callers.
#[must_use = "a job that is dropped gives its work back to the callers"]
pub struct Job(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Job {
    pub(crate) fn new(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Box::pin(work))
    }
}

impl Future for Job {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}

/// What the runs of a context run on.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) executor: Option<Arc<dyn Executor>>,
    pub(crate) limits: Limits,
}

/// How much is done at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Polls of runs nest at most this deep on one stack.
    pub(crate) depth: usize,
    /// Runs polled by one poll of a caller or job.
    pub(crate) budget: usize,
}

impl Host {
    /// Without an executor, and with the least of limits.
    #[cfg(test)]
    pub(crate) fn bare() -> Self {
        Self {
            executor: None,
            limits: Limits {
                depth: 1,
                budget: 1,
            },
        }
    }

    /// Are runs of the one driven as those of the other?
    pub(crate) fn is(&self, other: &Self) -> bool {
        let same_executor = match (&self.executor, &other.executor) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        same_executor && self.limits == other.limits
    }

    pub(crate) fn enter<R>(&self, work: impl FnOnce() -> R) -> R {
        let Some(executor) = &self.executor else {
            return work();
        };
        let mut work = Some(work);
        let mut result = None;
        executor.enter(&mut || {
            if let Some(work) = work.take() {
                result = Some(work());
            }
        });
        // An executor that forgot to call it must not cost us the run.
        result.unwrap_or_else(|| work.take().expect("not called yet")())
    }
}
