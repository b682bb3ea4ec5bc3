//! Kept in a thread-local, so that a call through a handle that does not know its run
//! (a clone, a static, another context) is driven by those who drive that run, instead
//! of on top of it: otherwise a deep chain of such calls would overflow the stack.
// loom's and shuttle's `thread_local!` take no `const`.
#![allow(clippy::missing_const_for_thread_local)]
use super::Around;
use crate::entry::Flight;
use crate::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::task::Waker;

#[cfg(runce_loom)]
use loom::thread_local;
#[cfg(all(runce_shuttle, not(runce_loom)))]
use shuttle::thread_local;
#[cfg(not(any(runce_loom, runce_shuttle)))]
use std::thread_local;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Flight>>> = RefCell::new(None);
    /// What is still to be buried by the burial in progress on this thread.
    static GRAVES: RefCell<Option<Vec<Arc<Flight>>>> = RefCell::new(None);
}

fn swap(with: Option<Arc<Flight>>) -> Option<Arc<Flight>> {
    // A thread that is ending has no current run.
    CURRENT
        .try_with(|current| current.replace(with))
        .unwrap_or(None)
}

fn look<R>(at: impl FnOnce(&Arc<Flight>) -> R) -> Option<R> {
    let look = |current: &RefCell<Option<Arc<Flight>>>| current.borrow().as_ref().map(at);
    CURRENT.try_with(look).unwrap_or(None)
}

pub(in crate::drive) fn during<R>(flight: &Arc<Flight>, work: impl FnOnce() -> R) -> R {
    let outer = swap(Some(flight.clone()));
    // `work` catches panics.
    let result = work();
    drop(swap(outer));
    result
}

/// The run that is being polled beneath us, on this thread.
pub(crate) fn current() -> Option<Arc<Flight>> {
    look(Clone::clone)
}

/// Are we on another thread than the poll of that run, if there is one?
pub(crate) fn is_elsewhere(run: &Arc<Flight>) -> bool {
    !look(|current| Arc::ptr_eq(current, run)).unwrap_or(false)
}

/// Where a caller is polled whose handle knows no run.
pub(crate) fn around(waker: &Waker, context: usize) -> Around {
    let around = look(|current| Around {
        run: Flight::is_target(current, waker).then(|| current.clone()),
        outside: current.context != context,
    });
    around.unwrap_or(Around {
        run: None,
        outside: true,
    })
}

/// The run in whose poll we are, if that waker is its own.
pub(crate) fn nested(waker: &Waker) -> Option<Arc<Flight>> {
    look(|current| Flight::is_target(current, waker).then(|| current.clone()))?
}

/// `false`: a burial is in progress, and has taken the graves over.
pub(in crate::drive) fn begin_burial(graves: &mut Vec<Arc<Flight>>) -> bool {
    let begin = |pending: &RefCell<Option<Vec<_>>>| match &mut *pending.borrow_mut() {
        Some(pending) => {
            pending.append(graves);
            false
        }
        pending => {
            *pending = Some(Vec::new());
            true
        }
    };
    // On a thread that is ending each buries its own.
    GRAVES.try_with(begin).unwrap_or(true)
}

/// Takes what was left to the burial in progress, or ends it.
pub(in crate::drive) fn continue_burial(graves: &mut Vec<Arc<Flight>>) {
    let _ = GRAVES.try_with(|pending| {
        let pending = &mut *pending.borrow_mut();
        match pending {
            Some(more) if !more.is_empty() => graves.append(more),
            _ => *pending = None,
        }
    });
}
