//! No threads, no thread-locals: nobody knows.
use super::Around;
use crate::entry::Flight;
use crate::sync::Arc;
use alloc::vec::Vec;
use core::task::Waker;

pub(in crate::drive) fn during<R>(_: &Arc<Flight>, work: impl FnOnce() -> R) -> R {
    work()
}

/// The run that is being polled beneath us.
pub(crate) fn current() -> Option<Arc<Flight>> {
    None
}

/// Are we, for all that is known, on another thread than the poll of that run?
pub(crate) fn is_elsewhere(_: &Arc<Flight>) -> bool {
    false
}

/// Where a caller is polled whose handle knows no run.
pub(crate) fn around(_: &Waker, _: usize) -> Around {
    Around {
        run: None,
        outside: true,
    }
}

/// The run in whose poll we are, if that waker is its own.
pub(crate) fn nested(_: &Waker) -> Option<Arc<Flight>> {
    None
}

/// Each buries its own.
pub(in crate::drive) fn begin_burial(_: &mut Vec<Arc<Flight>>) -> bool {
    true
}

pub(in crate::drive) fn continue_burial(_: &mut Vec<Arc<Flight>>) {}
