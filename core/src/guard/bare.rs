//! Panics cannot be caught: they unwind on, or the target aborts.
use super::Message;

#[inline]
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, Message> {
    Ok(work())
}

/// All that is known of it.
pub(crate) struct Panic;

impl Panic {
    pub(crate) fn unknown() -> Self {
        Self
    }
}

pub(crate) fn catch_panic<R>(work: impl FnOnce() -> R) -> Result<R, Panic> {
    Ok(work())
}

pub(crate) fn resume(_: Panic) -> ! {
    panic!("the work of a blocking task panicked")
}

pub(crate) fn forget_place() {}
