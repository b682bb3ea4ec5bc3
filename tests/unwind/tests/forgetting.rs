//! Rules and clocks that panic without `std`: it unwinds into whoever polled, nothing is
//! remembered, and the next call is served.
#![allow(clippy::unwrap_used)]

use runce::{Call, Clock, Ctx, Error, Task};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Panics where it is asked, as long as it is switched on.
#[derive(Clone, Default)]
struct Switch(Arc<AtomicBool>);

impl Switch {
    fn ask(&self) {
        assert!(!self.0.load(SeqCst), "switched on");
    }

    fn set(&self, on: bool) {
        self.0.store(on, SeqCst);
    }
}

impl Clock for Switch {
    fn now(&self) -> Duration {
        self.ask();
        Duration::ZERO
    }
}

/// 0 panics; others return themselves.
struct Key;

impl Task<()> for Key {
    type Input = u32;
    type Output = u32;
    type Error = Error;

    async fn run(_: &Ctx, n: u32) -> Result<u32, Error> {
        assert!(n > 0, "zero");
        Ok(n)
    }
}

fn key(n: u32) -> Call<Key, u32> {
    Call::new(n)
}

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

fn panics<R>(work: impl FnOnce() -> R) {
    assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
}

#[test]
fn law_panics_are_outcomes_and_a_clock_that_panics_keeps_nothing() {
    let clock = Switch::default();
    let builder = Ctx::builder(()).clock(clock.clone());
    let ctx = builder.ttl(Duration::from_secs(1)).build();
    clock.set(true);
    panics(|| now(ctx.run(key(1))));
    clock.set(false);
    assert!(ctx.is_empty());
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
}

#[test]
fn law_panics_are_outcomes_and_a_rule_that_panics_keeps_nothing() {
    let rule = Switch::default();
    let asked = rule.clone();
    let ctx = Ctx::builder(()).capacity(3).retention(move |_| {
        asked.ask();
        None
    });
    let ctx = ctx.build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    rule.set(true);
    for n in 2..100 {
        panics(|| now(ctx.run(key(n))));
    }
    panics(|| now(ctx.refresh(key(1))));
    panics(|| now(ctx.run(key(0)))); // asks nobody while it unwinds
    rule.set(false);
    assert_eq!((ctx.len(), now(ctx.run(key(1))).unwrap()), (1, 1));
    assert_eq!(now(ctx.refresh(key(1))).unwrap(), 1);
}
