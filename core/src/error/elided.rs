//! A chain of errors that is too long to be kept whole.
use super::{Cause, Error, Repr, chain};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::error::Error as StdError;
use core::fmt;

/// How many of the outermost levels are named.
const NAMED: usize = 8;

/// Stands in a chain for levels that were left out.
#[derive(Debug)]
pub(super) struct Elided {
    named: Vec<Box<str>>,
    others: usize,
    root: Error,
}

impl Elided {
    /// That error and all below it, as a stand-in that holds but the root of it.
    pub(super) fn of(error: &Error) -> Self {
        let Repr::Detailed(detail) = &error.0 else {
            return Self::new(Vec::new(), 0, error.clone());
        };
        let mut named = Vec::with_capacity(NAMED);
        named.push(detail.label.clone());
        if let Cause::Elided(below) = &detail.cause {
            named.extend(below.named.iter().take(NAMED - 1).cloned());
            return Self::new(named, detail.levels, below.root.clone());
        }
        let ours = |error: &&(dyn StdError + 'static)| error.is::<Error>();
        let root = chain(error).filter(ours).last();
        let root = root.and_then(|error| error.downcast_ref::<Error>());
        Self::new(named, detail.levels, root.unwrap_or(error).clone())
    }

    fn new(named: Vec<Box<str>>, levels: usize, root: Error) -> Self {
        let shown = named.len() + root.levels();
        Self {
            others: levels.saturating_sub(shown),
            named,
            root,
        }
    }
}

impl fmt::Display for Elided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("through")?;
        for label in &self.named {
            write!(f, " `{label}`,")?;
        }
        write!(f, " and {} more tasks", self.others)
    }
}

impl StdError for Elided {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.root)
    }
}
