//! No threads, no thread-locals: nobody knows.
use crate::entry::Flight;
use crate::sync::Arc;
use core::task::Waker;

pub(in crate::drive) fn during<R>(_: &Arc<Flight>, work: impl FnOnce() -> R) -> R {
    work()
}

/// The run in whose poll we are, if that waker is its own.
pub(crate) fn nested(_: &Waker) -> Option<Arc<Flight>> {
    None
}
