//! Panics cannot be caught: they unwind on, or the target aborts.
use super::Message;

#[inline]
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, Message> {
    Ok(work())
}
