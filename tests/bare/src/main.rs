//! runce on bare metal, or as near to it as a host program gets: no std, no libc, no
//! executor. It links with nothing, runs a task graph, and exits with 0 if all was right.
//!
//! `cd tests/bare && cargo run`
#![no_std]
#![no_main]

extern crate alloc;

mod sys;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::task::Wake;
use alloc::vec::Vec;
use core::fmt::{self, Write};
use core::future::{Future, pending, poll_fn};
use core::pin::{Pin, pin};
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use runce::{Ctx, Error, ErrorKind, TickClock, task};
use sys::Out;

/// What the tasks did, seen from outside.
#[derive(Default)]
struct App {
    sources: AtomicUsize,
    yields: AtomicUsize,
    stuck_dropped: AtomicUsize,
}

// A diamond: `bottom` needs `left` and `right`, and both need `source`.

#[task]
async fn source(ctx: &Ctx<App>, n: u64) -> u64 {
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
async fn bottom(ctx: &Ctx<App>, n: u64) -> Result<String, Error> {
    let (left, right) = ctx.run_parallel((left(n), right(n))).await?;
    Ok(format!("{left}/{right}"))
}

/// A group of calls of one task, two of them equal.
#[task]
async fn total(ctx: &Ctx<App>, upto: u64) -> Result<u64, Error> {
    let calls: Vec<_> = (0..upto).chain([0]).map(source).collect();
    Ok(ctx.run_parallel(calls).await?.into_iter().sum())
}

#[derive(Debug)]
struct NoSuchSensor;

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
struct NoReading(Error);

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
async fn reading(ctx: &Ctx<App>, id: u64) -> Result<u64, NoReading> {
    Ok(ctx.run(sensor(id)).await.map_err(NoReading)? * 2)
}

/// Never ready; only cancelling ends it.
#[task]
async fn stuck(ctx: &Ctx<App>) -> u64 {
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

/// A waker that counts: the loop below polls again only if it was told to.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// All there is of an executor: output and number of polls, or `None` if the future waits
/// and nobody woke it. A lost wake thus fails here instead of hanging.
fn finish<F: Future>(mut future: Pin<&mut F>) -> Option<(F::Output, usize)> {
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut polls = 0;
    loop {
        let before = wakes.0.load(Relaxed);
        polls += 1;
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some((output, polls));
        }
        if wakes.0.load(Relaxed) == before {
            return None;
        }
    }
}

fn check(what: &str, right: bool, seen: &dyn fmt::Debug) -> bool {
    let verdict = if right { "ok  " } else { "FAIL" };
    writeln!(Out, "bare: {verdict} {what}: {seen:?}").is_ok() && right
}

fn diamond(ctx: &Ctx<App>) -> bool {
    let outcome = finish(pin!(ctx.run(bottom(4))));
    let right = matches!(&outcome, Some((Ok(text), _)) if text == "50/8");
    let app = ctx.state();
    let sources = app.sources.load(Relaxed);
    let yields = app.yields.load(Relaxed);
    let polls = outcome.as_ref().map_or(0, |(_, polls)| *polls);
    check("diamond", right, &outcome)
        & check("its source ran once", sources == 1, &sources)
        & check(
            "yielded once, so polled again",
            yields == 1 && polls > 1,
            &(yields, polls),
        )
}

fn remembered(ctx: &Ctx<App>) -> bool {
    let before = ctx.stats().runs;
    let outcome = finish(pin!(ctx.run(bottom(4))));
    let right = matches!(&outcome, Some((Ok(text), 1)) if text == "50/8");
    let fresh = ctx.stats().runs - before;
    check("remembered", right && fresh == 0, &outcome)
}

fn group(ctx: &Ctx<App>) -> bool {
    let before = ctx.state().sources.load(Relaxed);
    let outcome = finish(pin!(ctx.run(total(4))));
    let right = matches!(outcome, Some((Ok(11), _)));
    let fresh = ctx.state().sources.load(Relaxed) - before;
    check("group", right, &outcome) & check("equal calls ran once", fresh == 4, &fresh)
}

fn failure(ctx: &Ctx<App>) -> bool {
    let Some((Err(error), _)) = finish(pin!(ctx.run(reading(7)))) else {
        return check("failure", false, &"no error");
    };
    let text = format!("{error:#}");
    let right =
        text == "task `reading(7)` failed: no reading: task `sensor(7)` failed: no such sensor";
    check("failure", right && error.kind() == ErrorKind::Failed, &text)
        & check(
            "its cause is found",
            error.find::<NoSuchSensor>().is_some(),
            &error.kind(),
        )
}

fn cancelled(ctx: &Ctx<App>) -> bool {
    let mut call = Box::pin(ctx.run(stuck()));
    let waits = finish(call.as_mut()).is_none();
    ctx.cancel();
    let dropped = ctx.state().stuck_dropped.load(Relaxed);
    let is_cancelled = |outcome: Option<(Result<u64, Error>, usize)>| matches!(outcome, Some((Err(error), 1)) if error.kind() == ErrorKind::Cancelled);
    let told = is_cancelled(finish(call.as_mut()));
    let later = is_cancelled(finish(pin!(ctx.run(source(99)))));
    check(
        "cancel drops the run",
        waits && dropped == 1,
        &(waits, dropped),
    ) & check(
        "calls are told, also later ones",
        told && later,
        &(told, later),
    ) & check(
        "nothing is left in flight",
        ctx.stats().in_flight == 0,
        &ctx.stats(),
    )
}

/// In the place of a timer's register, of which a tick is a millisecond: about to wrap.
static TICKS: AtomicU32 = AtomicU32::new(u32::MAX - 100);

/// Outcomes age by a counter that wraps, and no more are remembered than there is room for.
fn forgets() -> bool {
    let clock = TickClock::new(1_000, || TICKS.load(Relaxed));
    let ctx = Ctx::builder(App::default()).clock(clock);
    let ctx = ctx.ttl(Duration::from_millis(500)).capacity(8).build();
    let runs = || {
        let outcome = finish(pin!(ctx.run(source(1))));
        check("a reading", matches!(outcome, Some((Ok(2), _))), &outcome);
        ctx.stats().runs
    };
    let first = runs();
    TICKS.fetch_add(499, Relaxed);
    let fresh = runs();
    TICKS.fetch_add(1, Relaxed);
    let over = runs();
    let ages = check(
        "ages",
        (first, fresh, over) == (1, 1, 2),
        &(first, fresh, over),
    );
    let _ = finish(pin!(ctx.run(total(40))));
    ages & check(
        "remembers what there is room for",
        ctx.len() == 8,
        &ctx.len(),
    )
}

/// `true`: all was right.
fn run() -> bool {
    let right = {
        // One run per poll, so that the loop is needed: with the usual budget, one poll
        // of the caller also polls all that was woken during it.
        let ctx = Ctx::builder(App::default()).poll_budget(1).build();
        // `&`, not `&&`: what follows a failure is worth knowing too.
        diamond(&ctx) & remembered(&ctx) & group(&ctx) & failure(&ctx) & cancelled(&ctx) & forgets()
    };
    let live = sys::live_blocks();
    let right = right & check("no memory leaked, blocks live", live == 0, &live);
    let heap = sys::heap_bytes();
    let verdict = if right { "all right" } else { "FAILED" };
    writeln!(Out, "bare: {verdict}, {heap} bytes of heap handed out").is_ok() && right
}
