#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", runce_loom, runce_shuttle))]
extern crate std;

#[doc(hidden)]
#[path = "private.rs"]
#[allow(missing_docs)]
pub mod __private;
mod ctx;
mod cycle;
mod drive;
mod dynamic;
mod entry;
mod error;
mod executor;
mod freshness;
mod gate;
mod guard;
pub mod guide;
mod notify;
mod parallel;
mod ready;
mod slots;
mod state;
mod sync;
mod table;
mod task;
#[cfg(feature = "testing")]
pub mod testing;

pub use ctx::{
    Builder, Cancellation, Cancelled, Ctx, Detail, Detailed, NoExecutor, NoTimer, Run, RunBy,
    Source, Stats, Timed, WithClock, WithExecutor, WithTimer, blocking,
};
pub use dynamic::{AnyTask, AnyValue, DynInput, DynTask, ErasedCall, TaskFn};
pub use error::{Error, ErrorKind};
pub use executor::{Clock, Executor, Job, Sleep, TickClock, Timer, Work};
#[cfg(feature = "std")]
pub use executor::{CoarseClock, MonotonicClock};
#[cfg(feature = "std")]
pub use guard::record_panic_locations;
pub use parallel::{Calls, Member};
#[cfg(feature = "macros")]
pub use runce_macros::task;
/// The `Arc` of this API: alloc's, or `portable_atomic_util`'s where the target has no
/// compare-and-swap.
#[doc(no_inline)]
pub use sync::Arc;
pub use task::{Call, Concurrency, Outcome, Retention, Task};
