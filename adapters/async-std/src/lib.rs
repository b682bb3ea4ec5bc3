#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

use async_std::task;
use core::fmt;
use core::time::Duration;
use runce::{Clock, Executor, Job, Sleep, Timer, Work};
use std::time::Instant;

/// async-std, as the executor and the timer of a context.
///
/// Jobs run on [`async_std::task::spawn`]'s threads, as many as the environment variable
/// `ASYNC_STD_THREAD_COUNT` says (if it is not set, as many as there are processors), and
/// blocking tasks on those of `async_std::task::spawn_blocking`.
///
/// # Examples
///
/// ```
/// # use runce::Ctx;
/// # use runce_async_std::AsyncStd;
/// let ctx = Ctx::builder(()).runtime(AsyncStd::new()).finish_abandoned().build();
/// # let _ = ctx;
/// ```
#[derive(Clone)]
pub struct AsyncStd {
    start: Instant,
}

impl AsyncStd {
    /// async-std's one runtime.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for AsyncStd {
    fn default() -> Self {
        Self::new()
    }
}

impl Executor for AsyncStd {
    fn spawn(&self, job: Job) {
        drop(task::spawn(job));
    }

    fn spawn_blocking(&self, work: Work) {
        drop(task::spawn_blocking(|| work.run()));
    }
}

impl Clock for AsyncStd {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Timer for AsyncStd {
    fn sleep(&self, duration: Duration) -> Sleep {
        // async-std counts from the first poll.
        let asked = Instant::now();
        Sleep::new(async move {
            task::sleep(duration.saturating_sub(asked.elapsed())).await;
        })
    }
}

impl fmt::Debug for AsyncStd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncStd").finish_non_exhaustive()
    }
}
