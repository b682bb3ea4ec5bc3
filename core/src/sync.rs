//! The one place that names locks, once-cells, atomics and `Arc`.
//!
//! Three implementations with the same signatures: the operating system's locks
//! with `std`, spinning ones without, and loom's models of them under
//! `--cfg runce_loom`. A lock gives access through a closure, so that what is
//! held is seen at a glance and no guard outlives its statement.

#[cfg(all(not(runce_loom), not(feature = "std")))]
#[path = "sync/bare.rs"]
mod imp;
#[cfg(runce_loom)]
#[path = "sync/loom.rs"]
mod imp;
#[cfg(all(not(runce_loom), feature = "std"))]
#[path = "sync/std.rs"]
mod imp;

pub(crate) use alloc::sync::{Arc, Weak};
pub(crate) use alloc::task::Wake;
pub(crate) use imp::{AtomicUsize, ConstLock, Lock, OnceCell, Ordering};
