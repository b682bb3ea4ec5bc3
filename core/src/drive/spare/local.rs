//! Each thread's own: no lock, and a fresh context finds some.
use super::{SPARE, Shelf};
use crate::entry::Flight;
use crate::sync::Arc;
use core::cell::RefCell;
use std::thread_local;

thread_local! {
    static SHELF: RefCell<Shelf> = const { RefCell::new([const { None }; SPARE]) };
}

pub(crate) struct Spare;

impl Spare {
    pub(crate) fn new() -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "elsewhere each context has its own")]
    pub(super) fn take(&self) -> Option<Arc<Flight>> {
        // A thread that is ending keeps none.
        let spare = SHELF.try_with(|shelf| super::take(&mut shelf.borrow_mut()));
        spare.unwrap_or(None)
    }

    #[expect(clippy::unused_self, reason = "elsewhere each context has its own")]
    pub(super) fn put(&self, flight: Arc<Flight>) {
        let surplus = SHELF.try_with(|shelf| super::put(&mut shelf.borrow_mut(), flight));
        drop(surplus);
    }
}
