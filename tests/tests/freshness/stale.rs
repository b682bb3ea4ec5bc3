//! What is older than its TTL, or soon will be: whom a slow or failing upstream concerns.
mod failing;
mod jitter;
mod own;
mod renewal;
mod threads;

use crate::clocks::SECOND;
use crate::refresh::{Gates, counted};
use runce::testing::ManualClock;
use runce::{Builder, Ctx, NoExecutor, WithClock};
use runce_tests::{App, key, now};

#[runce::task]
async fn down() -> Result<u64, &'static str> {
    Err("down")
}

type Clocked = Builder<App, NoExecutor, WithClock>;

/// Run once, and just stale: fresh for a second, in a context without an executor.
fn alone(more: impl FnOnce(Clocked) -> Clocked) -> (Ctx<App>, ManualClock, Gates) {
    let (app, gates) = counted();
    let clock = ManualClock::new();
    let builder = Ctx::builder(app).clock(clock.clone()).ttl(SECOND);
    let ctx = more(builder).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    clock.advance(SECOND);
    (ctx, clock, gates)
}
