#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

use core::fmt;
use core::time::Duration;
use runce::{Clock, Executor, Job, Sleep, Timer, Work};
use std::sync::{Arc, Weak};
use std::time::Instant;

/// smol, as the executor and the timer of a context.
///
/// Blocking tasks are done by [`smol::unblock`], on at most as many threads as its environment
/// variable `BLOCKING_MAX_THREADS` says (500, if it is not set).
#[derive(Clone)]
pub struct Smol {
    target: Target,
    start: Instant,
}

#[derive(Clone)]
enum Target {
    Global,
    /// Not kept alive: one that nobody runs any more has to drop its jobs.
    Own(Weak<smol::Executor<'static>>),
}

impl Smol {
    /// On the global executor, that of [`smol::spawn`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::Ctx;
    /// # use runce_smol::Smol;
    /// let ctx = Ctx::builder(()).runtime(Smol::new()).finish_abandoned().build();
    /// # let _ = ctx;
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::with(Target::Global)
    }

    /// On that executor, which is run by somebody else, and is not kept alive: when it is
    /// dropped, callers drive their runs themselves.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// # use runce_smol::Smol;
    /// use std::sync::Arc;
    ///
    /// #[task]
    /// async fn double(n: u64) -> u64 { 2 * n }
    ///
    /// let executor = Arc::new(smol::Executor::new());
    /// let ctx = Ctx::builder(()).runtime(Smol::on(&executor)).build();
    /// let group = ctx.run_parallel((double(1), double(2)));
    /// assert_eq!(smol::block_on(executor.run(group))?, (2, 4));
    /// # Ok::<(), runce::Error>(())
    /// ```
    #[must_use]
    pub fn on(executor: &Arc<smol::Executor<'static>>) -> Self {
        Self::with(Target::Own(Arc::downgrade(executor)))
    }

    fn with(target: Target) -> Self {
        let start = Instant::now();
        Self { target, start }
    }
}

impl Default for Smol {
    fn default() -> Self {
        Self::new()
    }
}

impl Executor for Smol {
    fn spawn(&self, job: Job) {
        match &self.target {
            Target::Global => smol::spawn(job).detach(),
            Target::Own(executor) => {
                if let Some(executor) = executor.upgrade() {
                    executor.spawn(job).detach();
                }
            }
        }
    }

    fn spawn_blocking(&self, work: Work) {
        smol::unblock(|| work.run()).detach();
    }
}

impl Clock for Smol {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Timer for Smol {
    fn sleep(&self, duration: Duration) -> Sleep {
        let timer = smol::Timer::after(duration);
        Sleep::new(async {
            timer.await;
        })
    }
}

impl fmt::Debug for Smol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let executor = match &self.target {
            Target::Global => "global",
            Target::Own(executor) if executor.strong_count() == 0 => "gone",
            Target::Own(_) => "own",
        };
        f.debug_struct("Smol")
            .field("executor", &executor)
            .finish_non_exhaustive()
    }
}
