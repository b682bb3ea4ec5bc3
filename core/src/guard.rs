//! Foreign code is run behind a guard: a panic in it must not keep us from our work.
//!
//! With `std` a panic is caught. Without, it unwinds on; what still has to be done is
//! then done by a [`Finally`] on the way.
use alloc::string::String;

#[cfg(not(feature = "std"))]
#[path = "guard/bare.rs"]
mod imp;
#[cfg(feature = "std")]
#[path = "guard/std.rs"]
mod imp;

pub(crate) use imp::catch;

/// What a caught panic said, where it said something.
pub(crate) type Message = Option<String>;

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
