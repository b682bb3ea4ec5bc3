//! What errors say.
use super::{Cause, Detail, Error, ErrorKind, Lack, Repr, chain};
use alloc::boxed::Box;
use core::fmt;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Cancelled => f.write_str("the context was cancelled")?,
            Repr::Detailed(detail) => detail.fmt(f)?,
        }
        if f.alternate() {
            for error in chain(self).skip(1) {
                write!(f, ": {error}")?;
            }
        }
        Ok(())
    }
}

impl Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Error(_) | Cause::Elided(_) => write!(f, "task `{}` failed", self.label),
            Cause::Message(message) => write!(f, "task `{}` panicked{message}", self.label),
            Cause::Path(path) => {
                write!(f, "task `{}` would wait for itself: ", self.label)?;
                write_path(f, path)
            }
            Cause::Lacks(lack) => write!(
                f,
                "task `{}` {lack}: the context has no timer; build it with `.runtime(…)` or \
                 `.timer(…)`",
                self.label
            ),
            Cause::Nothing if self.kind == ErrorKind::TimedOut => {
                write!(f, "task `{}` took longer than its limit", self.label)
            }
            Cause::Nothing if self.kind == ErrorKind::Overloaded => write!(
                f,
                "task `{}` was not begun: too many runs of it wait for their turn",
                self.label
            ),
            Cause::Nothing => write!(f, "task `{}` was not done in time", self.label),
            Cause::Types(expected, given) => {
                let task = &self.label;
                write!(
                    f,
                    "task `{task}` takes an input of type `{expected}`, not `{given}`"
                )
            }
        }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wait => "cannot be waited for within a time",
            Self::Limit => "has a limit",
        })
    }
}

fn write_path(f: &mut fmt::Formatter<'_>, path: &[Box<str>]) -> fmt::Result {
    for label in path {
        write!(f, "{label} → ")?;
    }
    f.write_str(path.first().map_or("", |first| first))
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self:#})")
    }
}
