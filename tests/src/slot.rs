//! A place to leave something for somebody else.
use std::sync::{Arc, Mutex};

/// Clones are the same place.
pub struct Slot<T>(Arc<Mutex<Option<T>>>);

/// What is to be called once, somewhere in the middle of something.
pub type Hook = Slot<Box<dyn FnOnce() + Send>>;

impl<T> Slot<T> {
    pub fn put(&self, value: T) {
        let before = self.0.lock().unwrap().replace(value);
        assert!(before.is_none(), "the place is taken");
    }

    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap().take()
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
