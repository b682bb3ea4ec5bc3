//! Locks of the operating system.
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// So often somebody who finds a lock taken waits twice as long as before, and asks again. What
/// is done under our locks takes less time than to put a thread to sleep and wake it.
const PATIENCE: u32 = 9;

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
        let mut guard = self.try_lock().unwrap_or_else(|| self.lock_contended());
        work(&mut guard)
    }

    #[inline]
    fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    #[cold]
    fn lock_contended(&self) -> MutexGuard<'_, T> {
        for round in 0..PATIENCE {
            (0..1 << round).for_each(|_| core::hint::spin_loop());
            if let Some(guard) = self.try_lock() {
                return guard;
            }
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody else sets what is being set.
pub(super) fn undisturbed<R>(work: impl FnOnce() -> R) -> R {
    work()
}
