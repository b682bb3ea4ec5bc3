//! What is over is removed bit by bit, and its memory comes back.
use crate::clocks::SECOND;
use crate::counting::bytes;
use runce::testing::ManualClock;
use runce::{Call, Ctx, Error, Task};
use runce_tests::{Gate, Hook, OnDrop, gated, key, now, waiting};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

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

/// Where it was asked for so often that it was found without a lock: that is given back, too.
#[test]
fn law_nothing_leaks_no_memory_of_what_was_hot() {
    const KEYS: u64 = 30_000;
    let clock = ManualClock::new();
    let ctx = Ctx::builder(())
        .clock(clock.clone())
        .ttl(60 * SECOND)
        .build();
    now(ctx.run(square(KEYS))).unwrap();
    let empty = bytes();
    for n in (0..16).flat_map(|_| 0..KEYS) {
        assert_eq!(now(ctx.run(square(n))).unwrap(), n * n);
    }
    let full = bytes() - empty;
    clock.advance(61 * SECOND);
    // As it comes to an end, and then by and by.
    let calls = KEYS / 5;
    for n in 0..calls {
        assert_eq!(now(ctx.run(square(n))).unwrap(), n * n);
    }
    assert_eq!(ctx.len(), calls as usize);
    let left = bytes() - empty;
    assert!(left < full / 4, "{left} of {full} bytes");
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

/// Of the entries, of the times, and of what is known of their use.
#[test]
fn law_nothing_leaks_no_memory_of_what_was_cleared() {
    let builder = Ctx::builder(()).clock(ManualClock::new());
    let ctx = builder.ttl(SECOND).capacity(20_000).build();
    let empty = bytes();
    for round in 0..3 {
        (0..10_000).for_each(|n| ctx.insert(square(n), n));
        let full = bytes() - empty;
        ctx.clear();
        let left = bytes() - empty;
        assert!(left < full / 40, "{left} of {full} bytes, round {round}");
    }
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

type Work = Box<dyn FnOnce() + Send + Sync>;

/// Its values do something when they are dropped.
struct Held;

impl Task<Hook> for Held {
    type Input = u64;
    type Output = Arc<OnDrop<Work>>;
    type Error = Error;

    async fn run(_: &Ctx<Hook>, _: u64) -> Result<Self::Output, Error> {
        Ok(Arc::new(OnDrop::new(Box::new(|| {}))))
    }
}

fn held(n: u64) -> Call<Held, u64> {
    Call::new(n)
}

/// Remembers a value that uses the context when it is dropped, is counted, and panics.
fn hold(ctx: &Ctx<Hook>, n: u64, dropped: &Arc<AtomicUsize>) {
    let (other, dropped) = (ctx.clone(), dropped.clone());
    let work: Work = Box::new(move || {
        assert!(other.peek(&square(1)).is_none());
        dropped.fetch_add(1, SeqCst);
        panic!("in a destructor");
    });
    ctx.insert(held(n), Arc::new(OnDrop::new(work)));
}

/// A value that is over is dropped with no lock held, and may panic then; whoever removes it.
#[test]
fn law_foreign_code_outside_locks_drops_of_what_is_over() {
    let ways: [fn(&Ctx<Hook>); 4] = [
        |ctx| ctx.insert(square(7), 49),
        |ctx| assert_eq!(now(ctx.run(square(7))).unwrap(), 49),
        |ctx| drop(now(ctx.run(held(0)))),
        |ctx| assert_eq!(now(ctx.run(square(8))).unwrap(), 8, "a hit"),
    ];
    for way in ways {
        let clock = ManualClock::new();
        let builder = Ctx::builder(Hook::default()).clock(clock.clone());
        let ctx = builder.ttl(SECOND).build();
        let dropped = Arc::new(AtomicUsize::new(0));
        (0..3).for_each(|n| hold(&ctx, n, &dropped));
        clock.advance(SECOND / 2);
        ctx.insert(square(8), 8);
        clock.advance(SECOND - SECOND / 3);
        way(&ctx);
        assert_eq!((dropped.load(SeqCst), ctx.stats().expired), (3, 3));
    }
}

#[test]
fn law_foreign_code_outside_locks_drops_of_what_is_evicted() {
    let ways: [fn(&Ctx<Hook>); 2] = [
        |ctx| (7..10).for_each(|n| ctx.insert(square(n), n)),
        |ctx| (7..10).for_each(|n| drop(now(ctx.run(square(n))))),
    ];
    for way in ways {
        let ctx = Ctx::builder(Hook::default()).capacity(3).build();
        let dropped = Arc::new(AtomicUsize::new(0));
        (0..5).for_each(|n| hold(&ctx, n, &dropped));
        assert_eq!((dropped.load(SeqCst), ctx.len()), (2, 3));
        way(&ctx);
        let gone = dropped.load(SeqCst);
        assert!(gone > 2, "nothing else had to go");
        assert_eq!((ctx.len(), ctx.stats().evicted), (3, 5));
    }
}
