//! There are none.
use super::super::Source;
use core::error::Error as StdError;

/// `Err`: it is none, and comes back.
pub(in crate::error) fn keep<E>(error: E) -> Result<Source, E> {
    Err(error)
}

pub(in crate::error) fn head<'a>(
    error: &'a (dyn StdError + 'static),
) -> &'a (dyn StdError + 'static) {
    error
}
