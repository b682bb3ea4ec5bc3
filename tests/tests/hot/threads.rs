//! What is found without a lock is forgotten by other threads.
use crate::{BOTH, hot, plain};
use runce::{ErrorKind, task};
use runce_tests::now;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;

/// Whoever sees that it was cancelled is served nothing.
#[test]
fn law_cancelled_serves_nothing_to_who_sees_it_when_hot() {
    #[task]
    async fn id(n: u64) -> u64 {
        n
    }
    for _ in 0..5 {
        let ctx = hot();
        for n in 0..50_000 {
            assert_eq!(now(ctx.run(id(n))).unwrap(), n);
        }
        thread::scope(|scope| {
            let sees = scope.spawn(|| {
                while !ctx.is_cancelled() {
                    std::hint::spin_loop();
                }
                now(ctx.run(plain(0)))
            });
            ctx.cancel();
            assert!(sees.join().unwrap().is_err());
        });
    }
}

/// An input whose comparison panics once what it is compared with was forgotten by another thread,
/// and a value whose destructor panics too.
#[test]
fn law_panics_are_outcomes_of_a_comparison_when_hot() {
    static ARMED: AtomicUsize = AtomicUsize::new(0);
    static MET: Barrier = Barrier::new(2);
    #[derive(Clone, Hash, Debug)]
    #[expect(clippy::derived_hash_with_manual_eq, reason = "all are equal")]
    struct Key;
    impl PartialEq for Key {
        fn eq(&self, _: &Self) -> bool {
            if ARMED.load(SeqCst) == 1 && thread::current().name() == Some("asker") {
                MET.wait(); // it is compared
                MET.wait(); // it was forgotten
                panic!("cannot compare");
            }
            true
        }
    }
    impl Eq for Key {}
    #[derive(Clone)]
    struct Value(#[expect(dead_code, reason = "it is dropped")] Arc<Nasty>);
    struct Nasty;
    impl Drop for Nasty {
        fn drop(&mut self) {
            assert_eq!(ARMED.load(SeqCst), 0, "cannot be dropped");
        }
    }
    #[task]
    async fn value(_key: Key) -> Value {
        Value(Arc::new(Nasty))
    }
    let ctx = hot();
    for _ in 0..3 {
        drop(now(ctx.run(value(Key))).unwrap());
    }
    ARMED.store(1, SeqCst);
    thread::scope(|scope| {
        let asker = thread::Builder::new().name("asker".into());
        let asks = asker.spawn_scoped(scope, || now(ctx.run(value(Key))).map(drop));
        MET.wait();
        ctx.clear();
        MET.wait();
        let error = asks.unwrap().join().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
    });
    ARMED.store(0, SeqCst);
}

/// Each hit is counted, and each value is its key's, whoever asks, while the place grows.
#[test]
fn law_once_from_many_threads_when_hot() {
    const KEYS: u64 = 3_000;
    #[task]
    async fn square(n: u64) -> u64 {
        n * n
    }
    let ctx = hot();
    let before = ctx.stats().hits;
    thread::scope(|scope| {
        for first in 0..4 {
            let ctx = &ctx;
            scope.spawn(move || {
                for n in (0..4 * KEYS).map(|n| (n + first * 700) % KEYS) {
                    assert_eq!(ctx.run_blocking(square(n)).unwrap(), n * n);
                }
            });
        }
    });
    let stats = ctx.stats();
    let calls = (4 * 4 * KEYS) as usize;
    assert_eq!(stats.runs, KEYS as usize + 1);
    assert_eq!(stats.hits - before + stats.joins + stats.runs - 1, calls);
}

/// One thread forgets; no other is served what was forgotten before it asked.
#[test]
fn law_invalidate_is_seen_by_other_threads_when_hot() {
    for round in 0..200 {
        let ctx = BOTH[round % 2]();
        let least = AtomicU64::new(1);
        thread::scope(|scope| {
            scope.spawn(|| {
                assert!(ctx.invalidate(&plain(0)));
                least.store(2, SeqCst);
            });
            scope.spawn(|| {
                loop {
                    let least = least.load(SeqCst);
                    assert!(ctx.run_blocking(plain(0)).unwrap() >= least);
                    if least == 2 {
                        break;
                    }
                }
            });
        });
    }
}
