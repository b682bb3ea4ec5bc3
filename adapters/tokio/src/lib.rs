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
use runce::{Executor, Job};
use tokio::runtime::Handle;

/// A tokio runtime, as the executor of a context.
#[derive(Clone, Debug)]
pub struct Tokio(Handle);

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
        Handle::try_current().map(Self).map_err(|_| NoRuntime)
    }

    /// That runtime.
    #[must_use]
    pub fn new(handle: Handle) -> Self {
        Self(handle)
    }
}

impl From<Handle> for Tokio {
    fn from(handle: Handle) -> Self {
        Self(handle)
    }
}

impl Executor for Tokio {
    fn spawn(&self, job: Job) {
        drop(self.0.spawn(job));
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        let _inside = self.0.enter();
        work();
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
