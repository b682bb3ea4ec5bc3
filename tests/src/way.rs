//! With and without an executor.
use crate::{Hand, finish};
use runce::Ctx;
use std::future::Future;

/// Driven by the callers alone, or by an executor that is driven by hand.
pub struct Way(pub Option<Hand>);

impl Way {
    pub fn all() -> [Self; 2] {
        [Self(None), Self(Some(Hand::default()))]
    }

    pub fn ctx<S: Send + Sync + 'static>(&self, state: S) -> Ctx<S> {
        match &self.0 {
            None => Ctx::new(state),
            Some(hand) => Ctx::builder(state).executor(hand.clone()).build(),
        }
    }

    /// `None`: nothing moves any more.
    pub fn finish<F: Future + Unpin>(&self, future: &mut F) -> Option<F::Output> {
        loop {
            if let Some((output, _)) = finish(future) {
                return Some(output);
            }
            if self.0.as_ref().is_none_or(|hand| hand.go() == 0) {
                return None;
            }
        }
    }

    /// Polls until ready or hung.
    pub fn now<F: Future>(&self, future: F) -> F::Output {
        self.finish(&mut Box::pin(future)).expect("it hangs")
    }
}
