//! The clocks that come with the crate.
use crate::clocks::SECOND;
use crate::ttl::plain;
use runce::{Clock, CoarseClock, Ctx, MonotonicClock, TickClock};
use runce_tests::{Hook, key, now};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

fn counter(start: u32) -> (Arc<AtomicU32>, TickClock<impl Fn() -> u32>) {
    let counter = Arc::new(AtomicU32::new(start));
    let register = counter.clone();
    (
        counter,
        TickClock::new(1_000, move || register.load(SeqCst)),
    )
}

#[test]
fn law_clock_is_injected_a_counter_that_wraps_goes_on() {
    let (counter, clock) = counter(u32::MAX - 500);
    let start = clock.now();
    for seconds in 1..20_000_u64 {
        counter.fetch_add(1_000_000, SeqCst);
        assert_eq!(clock.now() - start, Duration::from_secs(1_000 * seconds));
    }
}

#[test]
fn law_ttl_from_completion_across_a_wrap_of_the_counter() {
    let (counter, clock) = counter(u32::MAX - 500);
    let ctx = Ctx::builder(plain()).clock(clock).ttl(SECOND).build();
    let runs = || {
        now(ctx.run(key(1))).unwrap();
        ctx.state().runs(1)
    };
    assert_eq!(runs(), 1);
    counter.fetch_add(999, SeqCst);
    assert!(counter.load(SeqCst) < 999, "it has wrapped");
    assert_eq!(runs(), 1);
    counter.fetch_add(1, SeqCst);
    assert_eq!(runs(), 2);
}

/// Threads read the counter in one order and note it in another.
#[test]
fn law_clock_is_injected_a_late_reading_is_no_wrap() {
    let (counter, clock) = counter(u32::MAX - 2_000);
    let start = clock.now();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut last = start;
                for _ in 0..1_000 {
                    counter.fetch_add(1, SeqCst);
                    let now = clock.now();
                    assert!(last <= now && now - start <= 4 * SECOND);
                    last = now;
                }
            });
        }
    });
    assert_eq!(clock.now() - start, 4 * SECOND);
}

#[test]
fn the_coarse_clock_moves_on_and_is_never_ahead() {
    let clock = CoarseClock::start(Duration::ZERO).unwrap();
    let (mut last, mut moves) = (clock.clone().now(), 0);
    while moves < 3 {
        let (coarse, exact) = (clock.now(), MonotonicClock::new().now());
        assert!(last <= coarse && coarse <= exact);
        moves += usize::from(last < coarse);
        last = coarse;
        std::thread::yield_now();
    }
}

#[test]
fn law_foreign_code_outside_locks_the_counter() {
    let hook = Hook::default();
    let inside = hook.clone();
    let clock = Arc::new(TickClock::new(1_000, move || {
        inside.take().into_iter().for_each(|hook| hook());
        7_000
    }));
    let other = clock.clone();
    hook.put(Box::new(move || {
        let _ = other.now();
    }));
    assert_eq!(clock.now(), clock.now());
    assert!(hook.take().is_none(), "it was asked");
}
