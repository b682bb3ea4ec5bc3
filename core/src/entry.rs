//! One run: what is remembered of it (`Entry`), and what it needs in flight (`Flight`).
//!
//! This room applies the transitions of `state` under the flight's lock and hands
//! out what they set free: futures to drop, waiters to wake. It never polls, drops or
//! wakes itself; `drive` does.
mod flight;

use crate::error::{Error, Label};
use crate::sync::{Arc, Lock, OnceCell};
use alloc::boxed::Box;
use core::any::{Any, TypeId};

pub(crate) use flight::{Body, Edge, Flight, Keeper, Mark, Side};

/// What is remembered of a call.
pub(crate) struct Entry<I, O> {
    head: Head,
    pub(crate) input: I,
    pub(crate) outcome: OnceCell<Result<O, Error>>,
    label: Label<I>,
}

/// The part of an entry that is the same for all.
pub(crate) struct Head {
    pub(crate) hash: u64,
    pub(crate) task: TypeId,
    flight: Lock<Option<Arc<Flight>>>,
}

/// An entry of whatever types.
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

impl<I, O> Entry<I, O> {
    pub(crate) fn new(
        hash: u64,
        task: TypeId,
        input: I,
        label: Label<I>,
        flight: Arc<Flight>,
    ) -> Self {
        let head = Head {
            hash,
            task,
            flight: Lock::new(Some(flight)),
        };
        Self {
            head,
            input,
            outcome: OnceCell::new(),
            label,
        }
    }

    #[inline]
    pub(crate) fn is_of(&self, task: TypeId) -> bool {
        self.head.task == task
    }

    /// One that was never run.
    pub(crate) fn settled(hash: u64, task: TypeId, input: I, label: Label<I>, output: O) -> Self {
        let head = Head {
            hash,
            task,
            flight: Lock::new(None),
        };
        let outcome = OnceCell::new();
        let set = outcome.set(Ok(output));
        debug_assert!(set.is_ok());
        Self {
            head,
            input,
            outcome,
            label,
        }
    }
}

impl<I, O> Node for Entry<I, O>
where
    I: Send + Sync + 'static,
    O: Send + Sync + 'static,
{
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
        self.label.of(&self.input)
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
