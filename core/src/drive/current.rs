//! Which run is being polled on this thread: known with `std` only.
#[cfg(not(feature = "std"))]
#[path = "current/bare.rs"]
mod imp;
#[cfg(feature = "std")]
#[path = "current/std.rs"]
mod imp;

pub(super) use imp::{begin_burial, continue_burial, during};
pub(crate) use imp::{is_elsewhere, is_polling, nested};
