//! A context with a capacity.
use crate::cache::Cache;
use runce::{Ctx, task};
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

/// Its state counts the misses.
pub struct Runce(Ctx<AtomicU64>);

#[task]
async fn value(ctx: &Ctx<AtomicU64>, key: u64) -> u64 {
    ctx.state().fetch_add(1, Relaxed);
    key
}

impl Runce {
    pub fn new(capacity: usize) -> Self {
        Self(Ctx::builder(AtomicU64::new(0)).capacity(capacity).build())
    }
}

impl Cache for Runce {
    fn access(&mut self, key: u64) -> bool {
        let misses = || self.0.state().load(Relaxed);
        let before = misses();
        let run = pin!(self.0.run(value(key)));
        let outcome = run.poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(outcome, Poll::Ready(Ok(value)) if value == key));
        misses() == before
    }
}
