//! What the standard library has, where the target has compare-and-swap.
pub use alloc::sync::Arc;

pub(crate) use alloc::sync::Weak;
#[cfg(not(any(runce_loom, runce_shuttle)))]
pub(crate) use core::sync::atomic::{AtomicUsize, Ordering};

/// An `Arc` of whatever type.
pub(crate) struct AnyArc(Arc<dyn core::any::Any + Send + Sync>);

impl AnyArc {
    pub(crate) fn new<T: Send + Sync + 'static>(value: Arc<T>) -> Self {
        Self(value)
    }

    pub(crate) fn get<T: 'static>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

/// An `Arc` of a trait.
macro_rules! share {
    ($value:expr => $trait:ty) => {{
        let shared: $crate::sync::Arc<$trait> = $crate::sync::Arc::new($value);
        shared
    }};
}

/// Makes a waker's target of a type, by its function `woken`.
macro_rules! wake_by {
    ($target:ty) => {
        impl alloc::task::Wake for $target {
            fn wake(self: $crate::sync::Arc<Self>) {
                Self::woken(&self);
            }

            fn wake_by_ref(self: &$crate::sync::Arc<Self>) {
                Self::woken(self);
            }
        }
    };
}

pub(crate) use {share, wake_by};
