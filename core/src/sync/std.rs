//! Locks of the operating system.
use std::sync::{Mutex, OnceLock, PoisonError};

pub(crate) struct Lock<T>(Mutex<T>);

/// One that is made in a `const`.
pub(crate) use Lock as ConstLock;

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Nothing that is ours panics under a lock; a user's `Eq` may, and leaves
    /// nothing half done. So a poisoned lock is as good as any.
    #[inline]
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct OnceCell<T>(OnceLock<T>);

impl<T> OnceCell<T> {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.get()
    }

    /// Gives the value back if there is one already.
    pub(crate) fn set(&self, value: T) -> Result<(), T> {
        self.0.set(value)
    }
}
