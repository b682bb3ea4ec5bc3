//! What is older than its TTL, or soon will be: whom a slow or failing upstream concerns.
mod failing;
mod jitter;
mod own;
mod patience;
mod renewal;
mod threads;

use crate::clocks::SECOND;
use crate::refresh::{Gates, counted};
use runce::testing::{ManualClock, Seeded};
use runce::{Builder, Ctx, NoExecutor, WithClock, WithExecutor, WithTimer};
use runce_tests::{App, key, now};
use std::time::Duration;

#[runce::task]
async fn down() -> Result<u64, &'static str> {
    Err("down")
}

type Clocked = Builder<App, NoExecutor, WithClock>;

/// Run once, and just stale: fresh for a second, in a context without an executor.
pub(crate) fn alone(more: impl FnOnce(Clocked) -> Clocked) -> (Ctx<App>, ManualClock, Gates) {
    let (app, gates) = counted();
    let clock = ManualClock::new();
    let builder = Ctx::builder(app).clock(clock.clone()).ttl(SECOND);
    let ctx = more(builder).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    clock.advance(SECOND);
    (ctx, clock, gates)
}

/// Fresh for a second, and on an executor.
pub(crate) struct Behind {
    pub(crate) ctx: Ctx<App>,
    pub(crate) runtime: Seeded,
    pub(crate) gates: Gates,
}

type Runtime = Builder<App, WithExecutor, WithTimer>;

impl Behind {
    pub(crate) fn new(more: impl FnOnce(Runtime) -> Runtime) -> Self {
        let (app, gates) = counted();
        Self::over(app, gates, more)
    }

    pub(crate) fn over(app: App, gates: Gates, more: impl FnOnce(Runtime) -> Runtime) -> Self {
        let runtime = Seeded::new(1);
        let builder = Ctx::builder(app).runtime(runtime.clone()).ttl(SECOND);
        Self {
            ctx: more(builder).build(),
            runtime,
            gates,
        }
    }

    pub(crate) fn stale() -> Self {
        Self::new(|builder| builder.stale_while_revalidate(5 * SECOND))
    }

    /// What is served at once.
    pub(crate) fn ask(&self) -> u64 {
        now(self.ctx.run(key(1))).unwrap()
    }

    pub(crate) fn runs(&self) -> usize {
        self.ctx.state().runs(1)
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.runtime.clock().advance(time);
    }
}
