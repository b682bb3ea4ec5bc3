//! Panics are caught.
use super::{Message, place};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use core::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// `Err`: it panicked.
#[inline]
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, Message> {
    place::forget();
    catch_unwind(AssertUnwindSafe(work)).map_err(message)
}

#[cold]
fn message(panic: Box<dyn Any + Send>) -> Message {
    let place = place::take();
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    // A payload may panic when it is dropped, and its panic's payload again.
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        core::mem::forget(second);
    }
    Message { text, place }
}
