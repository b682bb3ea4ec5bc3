//! Foreign code is run behind a guard: a panic in it must not keep us from our work.
//!
//! With `std` a panic is caught. Without, it unwinds on; what still has to be done is
//! then done by a [`Finally`] on the way.
use alloc::string::String;
use core::fmt;

#[cfg(not(feature = "std"))]
#[path = "guard/bare.rs"]
mod imp;
#[cfg(feature = "std")]
#[path = "guard/std.rs"]
mod imp;

#[cfg(feature = "std")]
mod place;

pub(crate) use imp::{Panic, catch, catch_panic, forget_place, resume};
#[cfg(feature = "std")]
pub use place::record_panic_locations;

/// May foreign code be asked while a panic unwinds? A second one would end the process.
pub(crate) const CATCHES: bool = cfg!(feature = "std");

/// What a caught panic said and where, as far as that is known.
#[derive(Default)]
pub(crate) struct Message {
    text: Option<String>,
    place: Option<String>,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, " at {place}")?;
        }
        match &self.text {
            Some(text) => write!(f, ": {text}"),
            None => Ok(()),
        }
    }
}

/// Drops what is foreign; its destructor may panic.
#[inline]
pub(crate) fn drop_quietly<T>(value: T) {
    // A destructor's panic is nobody's outcome.
    let _ = catch(|| drop(value));
}

/// Runs its closure when dropped, unless defused.
pub(crate) struct Finally<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Finally<F> {
    pub(crate) fn new(work: F) -> Self {
        Self(Some(work))
    }

    pub(crate) fn defuse(mut self) {
        self.0 = None;
    }
}

impl<F: FnOnce()> Drop for Finally<F> {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work();
        }
    }
}
