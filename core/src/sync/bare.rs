//! Spinning locks, for targets without an operating system.
use spin::mutex::SpinMutex;

pub(crate) struct Lock<T>(SpinMutex<T>);

/// One that is made in a `const`.
pub(crate) use Lock as ConstLock;

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(SpinMutex::new(value))
    }

    #[inline]
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        work(&mut self.0.lock())
    }

    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

/// What nothing interrupts needs no care.
pub(super) fn undisturbed<R>(work: impl FnOnce() -> R) -> R {
    work()
}
