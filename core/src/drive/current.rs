//! Which run is being polled on this thread: known with `std` only.
#[cfg(not(feature = "std"))]
#[path = "current/bare.rs"]
mod imp;
#[cfg(feature = "std")]
#[path = "current/std.rs"]
mod imp;

pub(crate) use imp::{around, current, is_elsewhere, nested};
pub(super) use imp::{begin_burial, continue_burial, during};

use crate::entry::Flight;
use crate::sync::Arc;

/// What is known of where a caller is polled.
pub(crate) struct Around {
    /// The run in whose poll it is, if the waker is that run's own.
    pub(crate) run: Option<Arc<Flight>>,
    /// No run of its context is being polled on this thread.
    pub(crate) outside: bool,
}
