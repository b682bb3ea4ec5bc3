#![doc = include_str!("../README.md")]
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
/// paused (`tokio::time::pause`).
///
/// # Examples
///
/// From outside of the runtime, by its handle:
///
/// ```
/// use runce::Ctx;
/// use runce_tokio::{NoRuntime, Tokio};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// assert_eq!(Tokio::current().unwrap_err(), NoRuntime); // we are in none
/// let runtime = tokio::runtime::Runtime::new()?;
/// let ctx = Ctx::builder(()).runtime(Tokio::new(runtime.handle().clone())).build();
/// # let _ = ctx;
/// # Ok(()) }
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
    pub fn current() -> Result<Self, NoRuntime> {
        Handle::try_current().map(Self::new).map_err(|_| NoRuntime)
    }

    /// That runtime, wherever we are.
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
