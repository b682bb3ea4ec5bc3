//! Kept in a thread-local, so that a call through a handle that does not know its run
//! (a clone, a static, another context) is driven by those who drive that run, instead
//! of on top of it: otherwise a deep chain of such calls would overflow the stack.
// loom's `thread_local!` takes no `const`.
#![allow(clippy::missing_const_for_thread_local)]
use crate::entry::Flight;
use crate::sync::Arc;
use core::cell::Cell;
use core::task::Waker;

#[cfg(runce_loom)]
use loom::thread_local;
#[cfg(not(runce_loom))]
use std::thread_local;

thread_local! {
    static CURRENT: Cell<Option<Arc<Flight>>> = Cell::new(None);
}

fn swap(with: Option<Arc<Flight>>) -> Option<Arc<Flight>> {
    // A thread that is ending has no current run.
    CURRENT
        .try_with(|current| current.replace(with))
        .unwrap_or(None)
}

pub(in crate::drive) fn during<R>(flight: &Arc<Flight>, work: impl FnOnce() -> R) -> R {
    let outer = swap(Some(flight.clone()));
    // `work` catches panics.
    let result = work();
    drop(swap(outer));
    result
}

/// The run in whose poll we are, if that waker is its own.
pub(crate) fn nested(waker: &Waker) -> Option<Arc<Flight>> {
    let current = swap(None)?;
    let ours = current.is_target(waker).then(|| current.clone());
    drop(swap(Some(current)));
    ours
}
