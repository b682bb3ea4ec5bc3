//! The one place that names locks, once-cells, atomics and `Arc`.
//!
//! Several implementations with the same signatures: the operating system's locks with
//! `std`; without, spinning ones, or critical sections with the feature of that name; and
//! loom's models of them under `--cfg runce_loom`. A lock gives access through a closure, so
//! that what is held is seen at a glance and no guard outlives its statement. `Arc` is alloc's,
//! or portable-atomic-util's where the target has no compare-and-swap.

#[cfg(all(
    not(runce_loom),
    not(feature = "std"),
    not(feature = "critical-section")
))]
#[path = "sync/bare.rs"]
mod imp;
#[cfg(all(not(runce_loom), not(feature = "std"), feature = "critical-section"))]
#[path = "sync/critical.rs"]
mod imp;
#[cfg(runce_loom)]
#[path = "sync/loom.rs"]
mod imp;
#[cfg(all(not(runce_loom), feature = "std"))]
#[path = "sync/std.rs"]
mod imp;

#[cfg(target_has_atomic = "ptr")]
#[path = "sync/arc.rs"]
mod arc;
#[cfg(not(target_has_atomic = "ptr"))]
#[path = "sync/portable.rs"]
mod arc;

#[cfg(not(runce_loom))]
pub(crate) use arc::{AtomicUsize, Ordering};
#[cfg(runce_loom)]
pub(crate) use imp::{AtomicUsize, Ordering};

pub use arc::Arc;
pub(crate) use arc::{Weak, share, wake_by};
pub(crate) use imp::{ConstLock, Lock, OnceCell};
