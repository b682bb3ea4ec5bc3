//! Among thousands of keys, each of which was asked for often.
use super::{Runs, owned, plain};
use runce::testing::ManualClock;
use runce::{Ctx, task};
use runce_tests::now;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

const KEYS: u64 = 6_000;
/// So often each is asked for, then all of them are found without a lock.
const ROUNDS: usize = 16;
const TTL: Duration = Duration::from_secs(60);

/// Which run each key has.
fn hot(ctx: &Ctx<Runs>) -> Vec<u64> {
    let ask = |n| now(ctx.run(plain(n))).unwrap();
    let runs: Vec<_> = (0..KEYS).map(ask).collect();
    for _ in 0..ROUNDS {
        assert_eq!((0..KEYS).map(ask).collect::<Vec<_>>(), runs);
    }
    runs
}

#[test]
fn law_invalidate_is_seen_among_many_when_hot() {
    let ctx = Ctx::new(Runs::default());
    let runs = hot(&ctx);
    for n in (0..KEYS).step_by(3) {
        assert!(ctx.invalidate(&plain(n)));
        assert!(ctx.peek(&plain(n)).is_none());
    }
    let anew = hot(&ctx);
    for (n, (before, after)) in runs.iter().zip(&anew).enumerate() {
        assert_eq!(before == after, n % 3 != 0, "{n}");
    }
    // By now most of it is marked.
    for n in 0..KEYS {
        assert!(ctx.invalidate(&plain(n)));
    }
    assert!(hot(&ctx).iter().all(|run| !anew.contains(run)));
}

#[test]
fn law_ttl_among_many_when_hot() {
    let clock = ManualClock::new();
    let ctx = Ctx::builder(Runs::default())
        .clock(clock.clone())
        .ttl(TTL)
        .build();
    for _ in 0..3 {
        let runs = hot(&ctx);
        clock.advance(TTL - Duration::from_nanos(1));
        assert_eq!(hot(&ctx), runs);
        clock.advance(Duration::from_nanos(1));
        let before = ctx.stats().runs;
        let anew = hot(&ctx);
        assert!(anew.iter().all(|run| *run as usize > before));
        assert_eq!(ctx.stats().runs, before + KEYS as usize);
    }
}

#[test]
fn law_nothing_leaks_of_many_when_hot() {
    let ctx = Ctx::new(Runs::default());
    let ask = |n: u64| now(ctx.run(owned(n.to_string()))).unwrap();
    let values: Vec<Weak<String>> = (0..KEYS).map(|n| Arc::downgrade(&ask(n))).collect();
    for _ in 0..ROUNDS {
        for (n, value) in (0..).zip(&values) {
            assert!(Weak::ptr_eq(value, &Arc::downgrade(&ask(n))));
        }
    }
    for (n, value) in (0..KEYS).zip(&values).step_by(2) {
        assert!(ctx.invalidate(&owned(n.to_string())));
        assert!(value.upgrade().is_none(), "{n}");
    }
    ctx.clear();
    assert!(values.iter().all(|value| value.upgrade().is_none()));
    assert_eq!(ctx.state().0.load(SeqCst), KEYS);
}

/// Threads that sit there come and go while it grows, and while it is forgotten.
#[test]
fn law_once_among_many_from_many_threads_when_hot() {
    #[task]
    async fn square(n: u64) -> u64 {
        n * n
    }
    let ctx = Ctx::new(());
    for cleared in 0..3 {
        thread::scope(|scope| {
            for first in 0..4 {
                let ctx = &ctx;
                scope.spawn(move || {
                    for n in (0..8 * KEYS).map(|n| (n + first * 700) % KEYS) {
                        assert_eq!(ctx.run_blocking(square(n)).unwrap(), n * n);
                    }
                });
            }
        });
        assert_eq!(ctx.stats().runs, (cleared + 1) * KEYS as usize);
        ctx.clear();
    }
}
