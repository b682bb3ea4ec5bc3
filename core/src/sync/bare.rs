//! Spinning locks, for targets without an operating system.
use spin::Once;
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

pub(crate) struct OnceCell<T>(Once<T>);

impl<T> OnceCell<T> {
    pub(crate) const fn new() -> Self {
        Self(Once::new())
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.get()
    }

    /// Gives the value back if there is one already.
    pub(crate) fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.0.call_once(|| value.take().expect("called once"));
        value.map_or(Ok(()), Err)
    }
}
