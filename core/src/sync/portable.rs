//! The same for targets without compare-and-swap.
pub use portable_atomic_util::Arc;

pub(crate) use portable_atomic::{AtomicUsize, Ordering};
pub(crate) use portable_atomic_util::Weak;

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
