//! Runs the jobs of [`runce`] contexts on a [tokio] runtime.
//!
//! ```
//! use runce::{Ctx, task};
//! use runce_tokio::Tokio;
//!
//! #[task]
//! async fn double(n: u64) -> u64 {
//!     tokio::task::yield_now().await;
//!     2 * n
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = tokio::runtime::Runtime::new()?;
//! runtime.block_on(async {
//!     let ctx = Ctx::builder(()).executor(Tokio::current()?).build();
//!     // The members run on as many threads as the runtime has.
//!     let all: Vec<u64> = ctx.run_parallel((0..4).map(double).collect::<Vec<_>>()).await?;
//!     assert_eq!(all, [0, 2, 4, 6]);
//!     Ok(())
//! })
//! # }
//! ```
//!
//! Every poll and drop of a run happens inside the runtime, whoever drives it: a run
//! that uses tokio's sockets or timers finds them when a plain thread polls it.
//!
//! A runtime that is shut down drops its jobs. Nothing hangs by that: the callers drive
//! their runs themselves; what a task then asks of tokio fails in tokio's own words. On a
//! current-thread runtime jobs get on only while somebody is inside its `block_on`.
#![forbid(unsafe_code)]

use core::error::Error;
use core::fmt;
use core::time::Duration;
use runce::{Clock, Executor, Job, Sleep, Timer, Work};
use tokio::runtime::Handle;
use tokio::time::Instant;

/// A tokio runtime, as the executor and the timer of a context.
///
/// Blocking tasks are done by [`spawn_blocking`](Handle::spawn_blocking). Bounds on time need a
/// runtime whose timers are [enabled](tokio::runtime::Builder::enable_time), and see a clock that is
/// [paused](tokio::time::pause).
#[derive(Clone, Debug)]
pub struct Tokio {
    handle: Handle,
    start: Instant,
}

/// There is no tokio runtime here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoRuntime;

impl Tokio {
    /// The runtime that we are in.
    ///
    /// # Errors
    ///
    /// [`NoRuntime`] outside of one.
    pub fn current() -> Result<Self, NoRuntime> {
        Handle::try_current().map(Self::new).map_err(|_| NoRuntime)
    }

    /// That runtime.
    #[must_use]
    pub fn new(handle: Handle) -> Self {
        let start = Instant::now();
        Self { handle, start }
    }
}

impl From<Handle> for Tokio {
    fn from(handle: Handle) -> Self {
        Self::new(handle)
    }
}

impl Executor for Tokio {
    fn spawn(&self, job: Job) {
        drop(self.handle.spawn(job));
    }

    fn spawn_blocking(&self, work: Work) {
        drop(self.handle.spawn_blocking(|| work.run()));
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        let _inside = self.handle.enter();
        work();
    }
}

impl Clock for Tokio {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Timer for Tokio {
    fn sleep(&self, duration: Duration) -> Sleep {
        let _inside = self.handle.enter();
        Sleep::new(tokio::time::sleep(duration))
    }
}

impl fmt::Display for NoRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "there is no tokio runtime here; call this inside one, or give `Tokio::new` its handle",
        )
    }
}

impl Error for NoRuntime {}
