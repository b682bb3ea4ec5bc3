//! A million entries expire at once: the longest call of those that come then.
use super::million::{Insert, KEYS, longest};
use super::{double, doubled};
use crate::harness::Effort;
use crate::peers::Hasher;
use crate::poll::now;
use crate::row::{Figure, Role, Row};
use ::runce::Ctx;
use ::runce::testing::ManualClock;
use std::hint::black_box;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Calls after the expiry, each for a key that is new.
const CALLS: u64 = KEYS;
/// Longer than moka takes for a million.
const TTL: Duration = Duration::from_secs(10);

pub fn rows(effort: Effort) -> Vec<Row> {
    let rounds = if effort.samples < 50 { 1 } else { 3 };
    // Others on the machine can only make it longer.
    let best = |pause: fn() -> f64| (0..rounds).map(|_| pause()).fold(f64::INFINITY, f64::min);
    let figures = vec![
        Figure::new(Role::Limit, "as many that do next to nothing", best(idle)),
        Figure::new(Role::Runce, "runce", best(of_runce)),
        Figure::new(Role::Peer, "moka", best(moka)),
    ];
    vec![Row::new("expiry of 1M entries: longest call", figures)]
}

/// What the machine itself makes of calls that take a microsecond: it interrupts them.
fn idle() -> f64 {
    let mut call: Insert = Box::new(|key| {
        let turn = |number: u64, _| black_box(number.wrapping_mul(3));
        black_box((0..500).fold(key, turn));
    });
    longest(&mut call, 0..CALLS)
}

fn of_runce() -> f64 {
    let clock = ManualClock::new();
    let ctx = Ctx::builder(()).clock(clock.clone()).ttl(TTL).build();
    let mut call: Insert = Box::new(move |key| {
        black_box(now(ctx.run(double(key)))).expect("it does not fail");
    });
    (0..KEYS).for_each(&mut call);
    clock.advance(2 * TTL);
    longest(&mut call, KEYS..KEYS + CALLS)
}

/// Its clock is the machine's.
fn moka() -> f64 {
    let cache: moka::future::Cache<u64, u64, Hasher> = moka::future::Cache::builder()
        .time_to_live(TTL)
        .build_with_hasher(Hasher::default());
    let mut call: Insert = Box::new(move |key| {
        black_box(now(cache.get_with(key, doubled(key))));
    });
    let start = Instant::now();
    (0..KEYS).for_each(&mut call);
    assert!(start.elapsed() < TTL, "nothing has expired yet");
    sleep(TTL + Duration::from_millis(100));
    longest(&mut call, KEYS..KEYS + CALLS)
}
