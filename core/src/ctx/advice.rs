//! A word to the developer, in debug builds with `std`.
#[cfg(all(feature = "std", debug_assertions))]
#[path = "advice/given.rs"]
mod imp;
#[cfg(not(all(feature = "std", debug_assertions)))]
#[path = "advice/none.rs"]
mod imp;

pub(super) use imp::outside_call;
