//! How long an outcome is remembered, and what decides it.
use core::fmt;
use core::time::Duration;

/// What became of a run, for those who decide how long it is remembered.
///
/// # Examples
///
/// ```
/// use runce::{Outcome, Retention};
/// use std::time::Duration;
///
/// /// A price tells how long it holds; who is asked too often is asked again soon.
/// fn keep(outcome: Outcome<'_, Duration, std::io::Error>) -> Retention {
///     match outcome {
///         Outcome::Value(holds) => Retention::For(*holds),
///         Outcome::Error(error) if error.kind() == std::io::ErrorKind::TimedOut => {
///             Retention::CallersOnly
///         }
///         _ => Retention::For(Duration::from_secs(10)),
///     }
/// }
/// # let _ = keep;
/// ```
#[non_exhaustive]
pub enum Outcome<'a, O, E> {
    /// The task returned this.
    Value(&'a O),
    /// It failed with this.
    Error(&'a E),
    /// It panicked.
    Panicked,
}

/// How long an outcome is remembered, from when its run was over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Retention {
    /// For that long. Zero is the same as [`CallersOnly`](Self::CallersOnly).
    For(Duration),
    /// As long as its context.
    Forever,
    /// Not at all: it goes to those who wait for it, and later callers start anew.
    CallersOnly,
}

impl<O, E> Clone for Outcome<'_, O, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O, E> Copy for Outcome<'_, O, E> {}

/// Which of the three it is: values may be secret.
impl<O, E> fmt::Debug for Outcome<'_, O, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value(_) => "Value",
            Self::Error(_) => "Error",
            Self::Panicked => "Panicked",
        })
    }
}
