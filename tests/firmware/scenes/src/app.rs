//! The tasks.
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::future::{pending, poll_fn};
use core::task::Poll;
use portable_atomic::{AtomicUsize, Ordering::Relaxed};
use runce::{Ctx, Error, task};

/// What the tasks did, seen from outside.
#[derive(Default)]
pub(crate) struct App {
    pub(crate) sources: AtomicUsize,
    pub(crate) yields: AtomicUsize,
    pub(crate) stuck_dropped: AtomicUsize,
}

// A diamond: `bottom` needs `left` and `right`, and both need `source`.

#[task]
pub(crate) async fn source(ctx: &Ctx<App>, n: u64) -> u64 {
    ctx.state().sources.fetch_add(1, Relaxed);
    // Pending once, so that the second side finds the run in flight.
    yield_once(ctx.state()).await;
    n + 1
}

#[task]
async fn left(ctx: &Ctx<App>, n: u64) -> Result<u64, Error> {
    Ok(ctx.run(source(n)).await? * 10)
}

#[task]
async fn right(ctx: &Ctx<App>, n: u64) -> Result<String, Error> {
    Ok(format!("{}", ctx.run(source(n)).await? + 3))
}

#[task]
pub(crate) async fn bottom(ctx: &Ctx<App>, n: u64) -> Result<String, Error> {
    let (left, right) = ctx.run_parallel((left(n), right(n))).await?;
    Ok(format!("{left}/{right}"))
}

/// A group of calls of one task, two of them equal.
#[task]
pub(crate) async fn total(ctx: &Ctx<App>, upto: u64) -> Result<u64, Error> {
    let calls: Vec<_> = (0..upto).chain([0]).map(source).collect();
    Ok(ctx.run_parallel(calls).await?.into_iter().sum())
}

#[derive(Debug)]
pub(crate) struct NoSuchSensor;

impl fmt::Display for NoSuchSensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such sensor")
    }
}

impl core::error::Error for NoSuchSensor {}

#[task]
async fn sensor(id: u64) -> Result<u64, NoSuchSensor> {
    if id < 4 { Ok(id) } else { Err(NoSuchSensor) }
}

/// An error of our own around one of runce's: that makes a level in the chain, where a
/// bare `Error` would be passed on as it is.
#[derive(Debug)]
pub(crate) struct NoReading(Error);

impl fmt::Display for NoReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no reading")
    }
}

impl core::error::Error for NoReading {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[task]
pub(crate) async fn reading(ctx: &Ctx<App>, id: u64) -> Result<u64, NoReading> {
    Ok(ctx.run(sensor(id)).await.map_err(NoReading)? * 2)
}

/// Never ready; only cancelling ends it.
#[task]
pub(crate) async fn stuck(ctx: &Ctx<App>) -> u64 {
    let _told = TellDrop(ctx.state());
    pending().await
}

struct TellDrop<'a>(&'a App);

impl Drop for TellDrop<'_> {
    fn drop(&mut self) {
        self.0.stuck_dropped.fetch_add(1, Relaxed);
    }
}

async fn yield_once(app: &App) {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        app.yields.fetch_add(1, Relaxed);
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
