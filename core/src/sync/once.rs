//! The once-cell: spin's also where there is `std`, whose own takes three times as long to set. Ours
//! are set by one thread, or under a lock, so nobody ever waits for another.
use super::imp::undisturbed;
use spin::Once;

pub(crate) struct OnceCell<T>(Once<T>);

impl<T> OnceCell<T> {
    pub(crate) const fn new() -> Self {
        Self(Once::new())
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.get()
    }

    #[cfg(feature = "std")]
    pub(crate) fn into_inner(self) -> Option<T> {
        self.0.try_into_inner()
    }

    /// Gives the value back if there is one already. An interrupt in the middle of this that
    /// sets it as well would wait for ever.
    pub(crate) fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        undisturbed(|| {
            self.0.call_once(|| value.take().expect("called once"));
        });
        value.map_or(Ok(()), Err)
    }
}
