#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

use core::error::Error;
use core::fmt;
use runce::{Executor, Job};
use tokio::runtime::Handle;

/// A tokio runtime, as the executor of a context.
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
/// let ctx = Ctx::builder(()).executor(Tokio::new(runtime.handle().clone())).build();
/// # let _ = ctx;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Tokio(Handle);

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
        Handle::try_current().map(Self).map_err(|_| NoRuntime)
    }

    /// That runtime, wherever we are.
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
