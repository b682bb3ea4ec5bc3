//! What is over is removed bit by bit, and its memory comes back.
use crate::clocks::SECOND;
use crate::counting::bytes;
use runce::testing::ManualClock;
use runce::{Call, Ctx, Error, Task};
use runce_tests::{Gate, Hook, OnDrop, gated, key, now, waiting};
use std::convert::Infallible;
use std::sync::Arc;

const MANY: u64 = 1_000_000;
/// So many at most are removed by one call.
const AT_ONCE: usize = 33;

struct Square;

impl<S: Send + Sync + 'static> Task<S> for Square {
    type Input = u64;
    type Output = u64;
    type Error = Infallible;

    async fn run(_: &Ctx<S>, n: u64) -> Result<u64, Infallible> {
        Ok(n * n)
    }
}

fn square(n: u64) -> Call<Square, u64> {
    Call::new(n)
}

/// Counted, not timed: a million entries are over at once, and no call pays for more than a
/// few. Half of the calls that come are hits.
#[test]
fn law_bounded_cleanup_of_a_million() {
    let clock = ManualClock::new();
    let ctx = Ctx::builder(())
        .clock(clock.clone())
        .ttl(60 * SECOND)
        .build();
    now(ctx.run(square(0))).unwrap();
    let empty = bytes();
    for n in 1..=MANY {
        ctx.insert(square(n), n);
    }
    let full = bytes() - empty;
    clock.advance(61 * SECOND);
    let (mut len, mut calls) = (ctx.len(), 0_u64);
    // The traffic of one TTL: a tenth of the peak.
    for n in 0..MANY / 10 {
        if n % 2 == 0 {
            now(ctx.run(square(MANY + 1 + n))).unwrap();
        } else {
            now(ctx.run(square(MANY + n))).unwrap();
        }
        calls += 1;
        let removed = (len + 1).saturating_sub(ctx.len());
        assert!(removed <= AT_ONCE, "{removed} at once");
        len = ctx.len();
        if len as u64 == calls.div_ceil(2) {
            break;
        }
    }
    let stats = ctx.stats();
    assert_eq!(
        (stats.expired, stats.hits),
        (MANY as usize + 1, calls as usize / 2)
    );
    let left = bytes() - empty;
    assert!(
        left < full / 10,
        "{left} of {full} bytes are held after {calls} calls"
    );
}

/// In a steady state there is never much more than what is fresh.
#[test]
fn law_bounded_cleanup_keeps_up_with_traffic() {
    let clock = ManualClock::new();
    let ctx = Ctx::builder(()).clock(clock.clone()).ttl(SECOND).build();
    for n in 0..20_000 {
        now(ctx.run(square(n))).unwrap();
        clock.advance(SECOND / 1000);
        // Once in four seconds of the clock, all thousand are moved to finer buckets first,
        // some thirty by each call.
        assert!(
            ctx.len() <= 1_000 + 40,
            "a thousand are fresh, not {}",
            ctx.len()
        );
    }
    assert!(ctx.stats().expired > 18_000);
}

/// Who finds something over removes some of the rest, before there is a new outcome.
#[test]
fn law_bounded_cleanup_needs_no_outcome() {
    let clock = ManualClock::new();
    let builder = Ctx::builder(gated(&Gate::new())).clock(clock.clone());
    let ctx = builder.ttl(SECOND / 100).build();
    for k in 0..100 {
        ctx.insert(key(k), 0);
    }
    clock.advance(SECOND);
    let _caller = waiting(&ctx, 1);
    assert_eq!(
        (ctx.len(), ctx.stats().expired),
        (100 - AT_ONCE + 1, AT_ONCE),
        "and one is in flight"
    );
}

/// A value that is over is dropped with no lock held, and may panic then.
#[test]
fn law_foreign_code_outside_locks_drops_of_what_is_over() {
    struct Held;
    impl Task<Hook> for Held {
        type Input = u64;
        type Output = Arc<OnDrop<Box<dyn FnOnce() + Send + Sync>>>;
        type Error = Error;

        async fn run(_: &Ctx<Hook>, _: u64) -> Result<Self::Output, Error> {
            unreachable!("it is inserted")
        }
    }
    let clock = ManualClock::new();
    let builder = Ctx::builder(Hook::default()).clock(clock.clone());
    let ctx = builder.ttl(SECOND).capacity(3).build();
    let dropped = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let held = |n| {
        let (ctx, dropped) = (ctx.clone(), dropped.clone());
        let work: Box<dyn FnOnce() + Send + Sync> = Box::new(move || {
            dropped.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            assert!(ctx.peek(&square(1)).is_none());
            panic!("in a destructor");
        });
        ctx_insert(n, work)
    };
    for n in 0..5 {
        let (call, value) = held(n);
        ctx.insert(call, value);
    }
    assert_eq!(
        (dropped.load(std::sync::atomic::Ordering::SeqCst), ctx.len()),
        (2, 3)
    );
    clock.advance(2 * SECOND);
    ctx.insert(square(7), 49);
    assert_eq!(
        (dropped.load(std::sync::atomic::Ordering::SeqCst), ctx.len()),
        (5, 1)
    );

    type Given = (Call<Held, u64>, <Held as Task<Hook>>::Output);
    fn ctx_insert(n: u64, work: Box<dyn FnOnce() + Send + Sync>) -> Given {
        (Call::new(n), Arc::new(OnDrop::new(work)))
    }
}
