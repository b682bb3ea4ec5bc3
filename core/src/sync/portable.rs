//! The same for targets without compare-and-swap.
pub use portable_atomic_util::Arc;

pub(crate) use portable_atomic::{AtomicUsize, Ordering};
pub(crate) use portable_atomic_util::Weak;

/// In a box, since it cannot become an `Arc` of another type.
pub(crate) struct AnyArc(alloc::boxed::Box<dyn core::any::Any + Send + Sync>);

impl AnyArc {
    pub(crate) fn new<T: Send + Sync + 'static>(value: Arc<T>) -> Self {
        Self(alloc::boxed::Box::new(value))
    }

    pub(crate) fn get<T: 'static>(&self) -> Option<&T> {
        self.0.downcast_ref::<Arc<T>>().map(|value| &**value)
    }
}

/// Through a box: only the standard library's `Arc` becomes one of a trait by itself.
macro_rules! share {
    ($value:expr => $trait:ty) => {{
        let boxed: alloc::boxed::Box<$trait> = alloc::boxed::Box::new($value);
        $crate::sync::Arc::<$trait>::from(boxed)
    }};
}

/// Makes a waker's target of a type, by its function `woken`. No `self`: only the standard
/// library's `Arc` may be one.
macro_rules! wake_by {
    ($target:ty) => {
        impl portable_atomic_util::task::Wake for $target {
            fn wake(this: $crate::sync::Arc<Self>) {
                Self::woken(&this);
            }

            fn wake_by_ref(this: &$crate::sync::Arc<Self>) {
                Self::woken(this);
            }
        }
    };
}

pub(crate) use {share, wake_by};
