//! One run: what is remembered of it (`Entry`), and what it needs in flight (`Flight`).
//!
//! This room applies the transitions of `state` under the flight's lock and hands
//! out what they set free: futures to drop, waiters to wake. It never polls, drops or
//! wakes itself; `drive` does.
mod flight;

use crate::error::{Error, Label};
use crate::guard::drop_quietly;
use crate::sync::{Arc, Lock, OnceCell};
use alloc::boxed::Box;
use core::any::Any;
use core::fmt;
use core::mem::needs_drop;

pub(crate) use flight::{Asked, Body, Edge, Flight, Keeper, Mark, Origin, Settled, Side};

/// What an entry is of: its type tells tasks apart.
pub(crate) trait Kind: 'static {
    type Input: Eq + Send + Sync + 'static;
    type Output: Send + Sync + 'static;

    /// Foreign.
    fn label(input: &Self::Input, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// What is remembered of a call.
pub(crate) struct Entry<K: Kind> {
    head: Head,
    pub(crate) input: K::Input,
    pub(crate) outcome: OnceCell<Result<K::Output, Error>>,
}

/// The part of an entry that is the same for all.
pub(crate) struct Head {
    pub(crate) hash: u64,
    flight: Lock<Option<Arc<Flight>>>,
}

/// An entry of whatever kind.
pub(crate) trait Node: Any + Send + Sync {
    fn head(&self) -> &Head;
    fn as_any(&self) -> &dyn Any;
    /// The same, shared.
    #[cfg(feature = "std")]
    fn item(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
    fn is_settled(&self) -> bool;
    /// It has an outcome, which is a value.
    fn is_value(&self) -> bool;
    /// Completes the run, unless it is complete.
    fn fail(&self, error: Error);
    /// The call, for people: `user(7)`. Foreign.
    fn label(&self) -> Box<str>;
}

impl<K: Kind> Entry<K> {
    /// Of a run that begins.
    pub(crate) fn new(hash: u64, input: K::Input, flight: Arc<Flight>) -> Self {
        Self {
            head: Head {
                hash,
                flight: Lock::new(Some(flight)),
            },
            input,
            outcome: OnceCell::new(),
        }
    }

    /// One that was never run.
    pub(crate) fn settled(hash: u64, input: K::Input, output: K::Output) -> Self {
        let outcome = OnceCell::new();
        let set = outcome.set(Ok(output));
        debug_assert!(set.is_ok());
        Self {
            head: Head {
                hash,
                flight: Lock::new(None),
            },
            input,
            outcome,
        }
    }

    pub(crate) fn of(node: &Arc<dyn Node>) -> Option<&Self> {
        node.as_any().downcast_ref()
    }
}

impl<K: Kind> Node for Entry<K> {
    fn head(&self) -> &Head {
        &self.head
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    #[cfg(feature = "std")]
    fn item(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn is_settled(&self) -> bool {
        self.outcome.get().is_some()
    }

    fn is_value(&self) -> bool {
        self.outcome.get().is_some_and(Result::is_ok)
    }

    fn fail(&self, error: Error) {
        drop(self.outcome.set(Err(error)));
    }

    fn label(&self) -> Box<str> {
        Label(K::label).of(&self.input)
    }
}

impl<K: Kind> Drop for Entry<K> {
    fn drop(&mut self) {
        // Both destructors may panic: not one while the other unwinds.
        if needs_drop::<K::Input>() {
            drop_quietly(core::mem::replace(&mut self.outcome, OnceCell::new()));
        }
    }
}

impl Head {
    /// The run in flight, if it is not over.
    pub(crate) fn flight(&self) -> Option<Arc<Flight>> {
        self.flight.with(|flight| flight.clone())
    }

    fn land(&self) {
        let gone = self.flight.with(Option::take);
        drop(gone);
    }
}
