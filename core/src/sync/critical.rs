//! Critical sections, for targets without an operating system: what is locked is short, and
//! an interrupt may lock it too.
use core::cell::RefCell;
use critical_section::Mutex;
use spin::Once;

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

pub(crate) struct OnceCell<T>(Once<T>);

impl<T> OnceCell<T> {
    pub(crate) const fn new() -> Self {
        Self(Once::new())
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.get()
    }

    /// Gives the value back if there is one already. An interrupt in the middle of this, that
    /// sets it as well, would wait for ever.
    pub(crate) fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        critical_section::with(|_| {
            self.0.call_once(|| value.take().expect("called once"));
        });
        value.map_or(Ok(()), Err)
    }
}
