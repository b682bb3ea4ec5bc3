//! Each context's own, where there are no thread-locals, or no models of them.
use super::{Places, SPARE};
use crate::entry::Flight;
use crate::sync::{Arc, Lock};

pub(crate) struct Spare(Lock<Places>);

impl Spare {
    pub(crate) fn new() -> Self {
        Self(Lock::new([const { None }; SPARE]))
    }

    pub(super) fn take(&self) -> Option<Arc<Flight>> {
        self.0.with(super::take)
    }

    pub(super) fn put(&self, flight: Arc<Flight>) {
        let surplus = self.0.with(|places| super::put(places, flight));
        drop(surplus);
    }
}
