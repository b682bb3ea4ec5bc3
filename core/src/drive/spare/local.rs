//! Each thread's own: no lock, and a fresh context finds some.
use super::{Places, SPARE};
use crate::entry::Flight;
use crate::sync::Arc;
use core::cell::RefCell;
use std::thread_local;

thread_local! {
    static PLACES: RefCell<Places> = const { RefCell::new([const { None }; SPARE]) };
}

pub(crate) struct Spare;

impl Spare {
    pub(crate) fn new() -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "elsewhere each context has its own")]
    pub(super) fn take(&self) -> Option<Arc<Flight>> {
        // A thread that is ending keeps none.
        let spare = PLACES.try_with(|places| super::take(&mut places.borrow_mut()));
        spare.unwrap_or(None)
    }

    #[expect(clippy::unused_self, reason = "elsewhere each context has its own")]
    pub(super) fn put(&self, flight: Arc<Flight>) {
        let surplus = PLACES.try_with(|places| super::put(&mut places.borrow_mut(), flight));
        drop(surplus);
    }
}
