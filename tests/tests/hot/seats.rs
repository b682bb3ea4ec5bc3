//! Each thread has a share in what is hot, and keeps nothing alive by it.
use crate::{BOTH, OFTEN, and, hot, owned, plain};
use runce::Ctx;
use runce_tests::now;
use std::sync::mpsc::channel;
use std::thread;

/// More contexts than a thread has seats for, in turn.
#[test]
fn law_identity_of_contexts_when_hot() {
    let contexts: Vec<Ctx<_>> = (0..20).map(|n| BOTH[n % 2]()).collect();
    for (n, ctx) in contexts.iter().enumerate() {
        ctx.insert(plain(1), n as u64);
    }
    for _ in 0..OFTEN {
        for (n, ctx) in contexts.iter().enumerate() {
            assert_eq!(now(ctx.run(plain(1))).unwrap(), n as u64);
        }
    }
    for ctx in &contexts {
        let stats = ctx.stats();
        assert_eq!((stats.runs, stats.hits as u64), (1, 2 * OFTEN - 1));
    }
}

/// One context after the other, each hot, and each gone before the next: none is taken for another.
#[test]
fn law_identity_of_contexts_that_come_and_go_when_hot() {
    for n in 0..500 {
        let ctx = BOTH[n % 2]();
        ctx.insert(plain(1), n as u64);
        for _ in 0..3 {
            assert_eq!(now(ctx.run(plain(1))).unwrap(), n as u64);
        }
    }
}

/// A thread has asked, and lives on; it asks no more.
#[test]
fn law_nothing_leaks_by_a_thread_that_lives_on_when_hot() {
    let end: [fn(Ctx<_>); 4] = [
        drop,
        |ctx| ctx.cancel(),
        |ctx| assert!(ctx.invalidate(&owned("one".into()))),
        |ctx| ctx.clear(),
    ];
    for hot in BOTH {
        for end in end {
            let (ctx, value) = and(hot(), "one");
            let ((to, go_on), (asked, seen)) = (channel::<()>(), channel());
            thread::scope(|scope| {
                let other = ctx.clone();
                scope.spawn(move || {
                    for _ in 0..OFTEN {
                        drop(now(other.run(owned("one".into()))).unwrap());
                    }
                    drop(other);
                    asked.send(()).unwrap();
                    assert!(go_on.recv().is_err());
                });
                seen.recv().unwrap();
                end(ctx);
                assert!(value.upgrade().is_none(), "it is dropped at once");
                drop(to);
            });
        }
    }
}

/// Each hit is counted, also those of threads that are gone.
#[test]
fn each_hit_is_counted_whoever_asked_when_hot() {
    for hot in BOTH {
        let ctx = hot();
        let before = ctx.stats().hits as u64;
        for round in 1..10 {
            thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        for _ in 0..OFTEN {
                            assert_eq!(now(ctx.run(plain(0))).unwrap(), 1);
                        }
                    });
                }
            });
            assert_eq!(ctx.stats().hits as u64 - before, round * 3 * OFTEN);
        }
    }
}

/// A comparison asks the context: who sits at the shelf asks from there.
#[test]
fn a_comparison_may_look_where_it_is_looked_for() {
    use std::cell::RefCell;
    thread_local! {
        static ASKS: RefCell<Option<Ctx<crate::Runs>>> = const { RefCell::new(None) };
    }
    #[derive(Clone, Hash, Debug)]
    #[expect(clippy::derived_hash_with_manual_eq, reason = "all are equal")]
    struct Key;
    impl PartialEq for Key {
        fn eq(&self, _: &Self) -> bool {
            let asks = ASKS.with(RefCell::take);
            if let Some(ctx) = asks {
                for n in 0..OFTEN {
                    now(ctx.run(plain(n))).unwrap();
                }
            }
            true
        }
    }
    impl Eq for Key {}
    #[runce::task]
    async fn value(_key: Key) -> u64 {
        7
    }
    let ctx = hot();
    for _ in 0..OFTEN {
        assert_eq!(now(ctx.run(value(Key))).unwrap(), 7);
    }
    ASKS.set(Some(ctx.clone()));
    assert_eq!(now(ctx.run(value(Key))).unwrap(), 7);
    assert!(ASKS.take().is_none(), "it has asked");
    assert_eq!(ctx.stats().runs as u64, 1 + OFTEN);
}
