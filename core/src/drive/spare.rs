//! Flights that are over, kept for the next runs.
#[cfg(any(not(feature = "std"), runce_loom, runce_shuttle))]
#[path = "spare/shared.rs"]
mod imp;
#[cfg(all(feature = "std", not(any(runce_loom, runce_shuttle))))]
#[path = "spare/local.rs"]
mod imp;

pub(crate) use imp::Spare;

use crate::entry::{Flight, Origin};
use crate::executor::Host;
use crate::sync::Arc;

/// So many are kept.
const SPARE: usize = 8;

type Places = [Option<Arc<Flight>>; SPARE];

fn take(places: &mut Places) -> Option<Arc<Flight>> {
    places.iter_mut().find_map(Option::take)
}

/// What there is no room for comes out.
fn put(places: &mut Places, flight: Arc<Flight>) -> Option<Arc<Flight>> {
    match places.iter_mut().find(|place| place.is_none()) {
        Some(place) => place.replace(flight),
        None => Some(flight),
    }
}

impl Spare {
    /// A flight for a fresh run.
    #[inline]
    pub(crate) fn flight(&self, host: &Host, origin: Origin) -> Arc<Flight> {
        if let Some(mut flight) = self.take() {
            if let Some(spare) = Arc::get_mut(&mut flight) {
                spare.renew(host, origin);
                return flight;
            }
        }
        Flight::new(host, origin)
    }

    /// Keeps a flight that is over, if nobody else points to it.
    pub(crate) fn keep(&self, mut flight: Arc<Flight>) {
        if Flight::retire(&mut flight) {
            self.put(flight);
        }
    }
}
