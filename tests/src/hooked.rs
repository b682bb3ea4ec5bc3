//! An input that does something when it is cloned.
use crate::Hook;
use std::hash::{Hash, Hasher};

/// Equal to all of its kind. Its hook is called by the next clone.
pub struct Hooked<T = ()>(pub T, pub Hook);

impl<T> Hash for Hooked<T> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl<T> PartialEq for Hooked<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Hooked<T> {}

impl<T: Clone> Clone for Hooked<T> {
    fn clone(&self) -> Self {
        if let Some(hook) = self.1.take() {
            hook();
        }
        Self(self.0.clone(), self.1.clone())
    }
}
