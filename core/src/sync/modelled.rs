//! Models: loom explores every order in which locks are taken, shuttle random ones of more.
#[cfg(runce_loom)]
use loom as checker;
#[cfg(all(runce_shuttle, not(runce_loom)))]
use shuttle as checker;

use checker::sync::Mutex;

pub(crate) use checker::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Loom's are not made in a `const`, and what is static outlives an execution: this one is
/// not modelled.
#[path = "std.rs"]
#[allow(dead_code, unused_imports)]
mod unmodelled;

pub(crate) use unmodelled::ConstLock;

pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mut guard = match self.0.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        };
        work(&mut guard)
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        match self.0.get_mut() {
            Ok(value) => value,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}

/// Neither has a once-cell: the flag is modelled, the value is not.
pub(crate) struct OnceCell<T> {
    set: AtomicBool,
    value: std::sync::OnceLock<T>,
}

impl<T> OnceCell<T> {
    pub(crate) fn new() -> Self {
        Self {
            set: AtomicBool::new(false),
            value: std::sync::OnceLock::new(),
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        // ORDERING: pairs with the store in `set`.
        let set = self.set.load(Ordering::Acquire);
        self.value.get().filter(|_| set)
    }

    pub(crate) fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    pub(crate) fn set(&self, value: T) -> Result<(), T> {
        self.value.set(value)?;
        // ORDERING: publishes the value to the load in `get`.
        self.set.store(true, Ordering::Release);
        Ok(())
    }
}
