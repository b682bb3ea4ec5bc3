//! The one place that names locks, once-cells, atomics and `Arc`.
//!
//! Several implementations with the same signatures: the operating system's locks with
//! `std`; without, spinning ones, or critical sections with the feature of that name; and
//! models of them under `--cfg runce_loom` or `--cfg runce_shuttle`. A lock gives access
//! through a closure, so that what is held is seen at a glance and no guard outlives its
//! statement. `Arc` is alloc's, or portable-atomic-util's where the target has no
//! compare-and-swap.

#[cfg(any(runce_loom, runce_shuttle))]
#[path = "sync/modelled.rs"]
mod imp;
#[cfg(all(feature = "std", not(any(runce_loom, runce_shuttle))))]
#[path = "sync/std.rs"]
mod imp;
#[cfg(all(
    feature = "critical-section",
    not(any(runce_loom, runce_shuttle, feature = "std"))
))]
#[path = "sync/critical.rs"]
mod imp;
#[cfg(not(any(
    runce_loom,
    runce_shuttle,
    feature = "std",
    feature = "critical-section"
)))]
#[path = "sync/bare.rs"]
mod imp;

#[cfg(target_has_atomic = "ptr")]
#[path = "sync/arc.rs"]
mod arc;
#[cfg(not(target_has_atomic = "ptr"))]
#[path = "sync/portable.rs"]
mod arc;

#[cfg(not(any(runce_loom, runce_shuttle)))]
pub(crate) use arc::{AtomicUsize, Ordering};
#[cfg(any(runce_loom, runce_shuttle))]
pub(crate) use imp::{AtomicBool, AtomicUsize, Ordering};
#[cfg(all(feature = "std", not(any(runce_loom, runce_shuttle))))]
pub(crate) use std::sync::atomic::AtomicBool;

#[cfg(not(any(runce_loom, runce_shuttle)))]
#[path = "sync/once.rs"]
mod once;

#[cfg(any(runce_loom, runce_shuttle))]
pub(crate) use imp::OnceCell;
#[cfg(not(any(runce_loom, runce_shuttle)))]
pub(crate) use once::OnceCell;

pub use arc::Arc;
pub(crate) use arc::{AnyArc, Weak, share, wake_by};
pub(crate) use imp::{ConstLock, Lock};
