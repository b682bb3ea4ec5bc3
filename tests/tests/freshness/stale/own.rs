//! A task's own TTL, in a context that forgets nothing else.
use crate::clocks::SECOND;
use runce::testing::ManualClock;
use runce::{Ctx, task};
use runce_tests::now;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

#[task(ttl = "1s")]
async fn rate(ctx: &Ctx<AtomicU64>) -> u64 {
    ctx.state().fetch_add(1, SeqCst)
}

fn context(stale: Duration) -> (Ctx<AtomicU64>, ManualClock) {
    let clock = ManualClock::new();
    let builder = Ctx::builder(AtomicU64::new(1)).clock(clock.clone());
    (builder.stale_while_revalidate(stale).build(), clock)
}

/// "A task that has a TTL of its own is stale as long as any."
#[test]
fn what_a_task_keeps_for_a_while_is_renewed() {
    for stale in [SECOND, Duration::MAX] {
        let (ctx, clock) = context(stale);
        assert_eq!(now(ctx.run(rate())).unwrap(), 1);
        clock.advance(SECOND);
        assert_eq!(now(ctx.run(rate())).unwrap(), 2);
    }
}

#[test]
fn what_is_inserted_for_a_while_is_renewed() {
    for stale in [SECOND, Duration::MAX] {
        let (ctx, clock) = context(stale);
        ctx.insert(rate(), 0);
        clock.advance(SECOND);
        assert_eq!(now(ctx.run(rate())).unwrap(), 1, "{stale:?}");
    }
}
