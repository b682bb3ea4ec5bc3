//! Panics are caught.
use super::{Message, place};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use core::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// `Err`: it panicked.
#[inline]
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, Message> {
    catch_unwind(AssertUnwindSafe(work)).map_err(message)
}

/// A panic on its way to where it belongs.
pub(crate) struct Panic {
    payload: Box<dyn Any + Send>,
    place: Option<String>,
}

impl Panic {
    pub(crate) fn unknown() -> Self {
        Self {
            payload: Box::new(()),
            place: None,
        }
    }
}

/// To be resumed elsewhere.
#[inline]
pub(crate) fn catch_panic<R>(work: impl FnOnce() -> R) -> Result<R, Panic> {
    forget_place();
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| Panic {
        payload,
        place: place::take(),
    })
}

/// Before a task is polled: what it resumes comes from nowhere known.
#[inline]
pub(crate) fn forget_place() {
    place::forget();
}

pub(crate) fn resume(panic: Panic) -> ! {
    place::put(panic.place);
    resume_unwind(panic.payload)
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
