//! Kept as they are: turned into a boxed error, they would hide their own type and the
//! context that was added to them.
use super::super::{Error, Source};
use alloc::boxed::Box;
use core::any::Any;
use core::error::Error as StdError;
use core::fmt;

struct Whole(anyhow::Error);

/// `Err`: it is none, and comes back.
pub(in crate::error) fn keep<E: 'static>(error: E) -> Result<Source, E> {
    let mut error = Some(error);
    let kept = (&mut error as &mut dyn Any).downcast_mut::<Option<anyhow::Error>>();
    match kept.and_then(Option::take) {
        Some(anyhow) if is_ours(&anyhow) => match anyhow.downcast::<Error>() {
            Ok(ours) => Ok(Box::new(ours)),
            Err(anyhow) => Ok(Box::new(Whole(anyhow))),
        },
        Some(anyhow) => Ok(Box::new(Whole(anyhow))),
        None => Err(error.expect("it was not taken")),
    }
}

/// One of ours, with no context added to it.
fn is_ours(anyhow: &anyhow::Error) -> bool {
    anyhow
        .chain()
        .next()
        .is_some_and(|error| error.is::<Error>())
}

/// What it wraps, with its own type.
pub(in crate::error) fn head<'a>(
    error: &'a (dyn StdError + 'static),
) -> &'a (dyn StdError + 'static) {
    match error.downcast_ref::<Whole>() {
        Some(Whole(anyhow)) => anyhow.as_ref(),
        None => error,
    }
}

impl fmt::Debug for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl StdError for Whole {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
