//! Critical sections, for targets without an operating system: what is locked is short, and
//! an interrupt may lock it too.
use core::cell::RefCell;
use critical_section::Mutex;

pub(crate) struct Lock<T>(Mutex<RefCell<T>>);

/// One that is made in a `const`.
pub(crate) use Lock as ConstLock;

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(RefCell::new(value)))
    }

    #[inline]
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        critical_section::with(|section| work(&mut self.0.borrow_ref_mut(section)))
    }

    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().get_mut()
    }
}

/// Nothing comes in between.
pub(super) fn undisturbed<R>(work: impl FnOnce() -> R) -> R {
    critical_section::with(|_| work())
}
