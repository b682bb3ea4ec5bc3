//! What needs the host's event loop: time that passes between two turns of it.
use crate::host::{self, Host};
use crate::say;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::task::Wake;
use core::fmt::Debug;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use runce::{Ctx, Error, ErrorKind, Timer, task};
use spin::Mutex;

const SHORT: Duration = Duration::from_millis(20);

type Tests = Pin<Box<dyn Future<Output = bool> + Send>>;

static TESTS: Mutex<Option<Tests>> = Mutex::new(None);

/// Tells the host that there is something to poll.
struct Soon;

impl Wake for Soon {
    fn wake(self: Arc<Self>) {
        host::wake();
    }
}

pub(crate) fn poll(exact: bool) -> Option<bool> {
    let waker = Waker::from(Arc::new(Soon));
    let mut tests = TESTS.lock();
    let running = tests.get_or_insert_with(|| Box::pin(all(exact)));
    match running.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Pending => None,
        Poll::Ready(right) => Some(right),
    }
}

fn check(what: &str, right: bool, seen: &dyn Debug) -> bool {
    let verdict = if right { "ok  " } else { "FAIL" };
    say(format_args!("wasm32: {verdict} {what}: {seen:?}"));
    right
}

/// Sleeps by the host's timer.
#[task]
async fn slow(n: u32) -> u32 {
    Host.sleep(SHORT).await;
    n + 1
}

#[task]
async fn sum(ctx: &Ctx, upto: u32) -> Result<u32, Error> {
    let calls: alloc::vec::Vec<_> = (0..upto).chain(0..upto).map(slow).collect();
    Ok(ctx.run_parallel(calls).await?.into_iter().sum())
}

#[task]
async fn never() {
    core::future::pending().await
}

async fn all(exact: bool) -> bool {
    shared().await & ages(exact).await & bounded().await
}

async fn shared() -> bool {
    let ctx = Ctx::new(());
    let outcome = ctx.run(sum(4)).await;
    let runs = ctx.stats().runs;
    check(
        "members of a group sleep at once",
        matches!(outcome, Ok(20)),
        &outcome,
    ) & check("and once", runs == 5, &runs)
}

/// Remembered until the host's clock says that it is over. `exact`: that clock goes on only
/// when all sleep.
async fn ages(exact: bool) -> bool {
    let ctx = Ctx::builder(()).clock(Host).ttl(SHORT).build();
    let mut hits = 0;
    while ctx.stats().runs < 3 {
        let runs = ctx.stats().runs;
        let outcome = ctx.run(slow(1)).await;
        if !matches!(outcome, Ok(2)) {
            return check("ages", false, &outcome);
        }
        hits += u32::from(ctx.stats().runs == runs);
        Host.sleep(SHORT / 4).await;
    }
    // Two lives: it is asked for after a quarter of each, a half and three quarters.
    check("ages by the host's clock", hits == 6 || !exact, &hits)
}

async fn bounded() -> bool {
    let ctx = Ctx::builder(()).timer(Host).limit(SHORT).build();
    let limited = ctx.run(never()).await.map_err(|error| error.kind());
    let patient = Ctx::builder(()).timer(Host).build();
    let hasty = patient.run(never()).within(SHORT / 4).await;
    let hasty = hasty.map_err(|error| error.kind());
    check(
        "limits a run",
        limited == Err(ErrorKind::TimedOut),
        &limited,
    ) & check(
        "limits a wait",
        hasty == Err(ErrorKind::DeadlineExceeded),
        &hasty,
    ) & check(
        "nothing is in flight",
        ctx.stats().in_flight + patient.stats().in_flight == 0,
        &ctx.stats(),
    )
}
