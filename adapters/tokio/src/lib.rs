#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "cancellation")]
mod cancellation;

use core::error::Error;
use core::fmt;
use core::time::Duration;
use runce::{Clock, Executor, Job, Sleep, Timer, Work};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::Instant;

#[cfg(feature = "cancellation")]
pub use cancellation::{cancel_with, token};

/// A tokio runtime, as the executor and the timer of a context.
///
/// Blocking tasks are done by [`spawn_blocking`](Handle::spawn_blocking). Bounds on time need a
/// runtime whose timers are [enabled](tokio::runtime::Builder::enable_time), and see a clock that
/// is paused (`tokio::time::pause`).
///
/// # Examples
///
/// A runtime of one's own, for callers on plain threads:
///
/// ```
/// use runce::{Ctx, task};
/// use runce_tokio::Tokio;
///
/// #[task]
/// async fn in_tokio() -> bool {
///     tokio::runtime::Handle::try_current().is_ok()
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build()?;
/// let ctx = Ctx::builder(()).runtime(Tokio::new(runtime.handle().clone())).build();
/// assert!(ctx.run_blocking(in_tokio())?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Tokio {
    handle: Handle,
    start: Instant,
}

/// There is no tokio runtime here: what [`Tokio::current`] says outside of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoRuntime;

impl Tokio {
    /// The runtime that we are in.
    ///
    /// # Errors
    ///
    /// [`NoRuntime`] outside of one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce_tokio::{NoRuntime, Tokio};
    /// assert_eq!(Tokio::current().unwrap_err(), NoRuntime);
    /// ```
    pub fn current() -> Result<Self, NoRuntime> {
        Handle::try_current().map(Self::new).map_err(|_| NoRuntime)
    }

    /// That runtime, wherever we are.
    #[must_use]
    pub fn new(handle: Handle) -> Self {
        let start = now(&handle);
        Self { handle, start }
    }
}

/// By that runtime's clock, which may be paused, and not by that of the runtime we are in.
fn now(handle: &Handle) -> Instant {
    let _inside = handle.enter();
    Instant::now()
}

impl From<Handle> for Tokio {
    fn from(handle: Handle) -> Self {
        Self::new(handle)
    }
}

impl Executor for Tokio {
    fn spawn(&self, job: Job) {
        drop(self.handle.spawn(job));
        // What a worker spawned last waits in a slot of its own, which the others cannot take
        // from: a member of a group would wait there until the one that spawned it is done with
        // another. So the job must not be the last.
        if self.handle.runtime_flavor() == RuntimeFlavor::MultiThread {
            drop(self.handle.spawn(async {}));
        }
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
        now(&self.handle).saturating_duration_since(self.start)
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
