//! What is asked for very often is found in a place of its own, without a lock. None of the laws
//! gives way there: what is forgotten is forgotten for all, and dropped at once.
#![allow(missing_docs, clippy::unwrap_used)]

mod ageing;
mod borrowed;
mod many;
mod seats;
mod threads;

use runce::testing::ManualClock;
use runce::{Ctx, ErrorKind, Outcome, Retention, Source, Task, task};
use runce_tests::now;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// So many hits are more than enough.
const OFTEN: u64 = 200;

#[derive(Default)]
struct Runs(AtomicU64, Arc<u8>);

/// How often it was run so far: without a destructor.
#[task]
async fn plain(ctx: &Ctx<Runs>, _n: u64) -> u64 {
    ctx.state().0.fetch_add(1, SeqCst) + 1
}

/// The same with one.
#[task]
async fn owned(ctx: &Ctx<Runs>, n: String) -> Arc<String> {
    ctx.state().0.fetch_add(1, SeqCst);
    Arc::new(n)
}

fn hot() -> Ctx<Runs> {
    heated(Ctx::new(Runs::default()))
}

/// One in which what is remembered has an end, but not now.
fn hot_with_ttl() -> Ctx<Runs> {
    let builder = Ctx::builder(Runs::default()).clock(ManualClock::new());
    heated(builder.ttl(Duration::from_secs(60)).build())
}

const BOTH: [fn() -> Ctx<Runs>; 2] = [hot, hot_with_ttl];

fn heated(ctx: Ctx<Runs>) -> Ctx<Runs> {
    for _ in 0..OFTEN {
        assert_eq!(now(ctx.run(plain(0))).unwrap(), 1);
    }
    ctx
}

/// Also what is asked for for the first time then.
fn hot_and(input: &str) -> (Ctx<Runs>, Weak<String>) {
    and(hot(), input)
}

fn and(ctx: Ctx<Runs>, input: &str) -> (Ctx<Runs>, Weak<String>) {
    let ask = || now(ctx.run(owned(input.into()))).unwrap();
    let value = Arc::downgrade(&ask());
    for _ in 0..3 {
        assert!(Weak::ptr_eq(&value, &Arc::downgrade(&ask())));
    }
    (ctx, value)
}

#[test]
fn law_once_is_kept_when_hot() {
    let (ctx, _) = hot_and("one");
    let stats = ctx.stats();
    assert_eq!((stats.runs, stats.hits), (2, OFTEN as usize - 1 + 3));
    let detail = now(ctx.run(plain(0)).detailed()).unwrap();
    assert_eq!(
        (detail.source, detail.from_memory, detail.age),
        (Source::Hit, true, None)
    );
}

#[test]
fn law_identity_of_tasks_and_inputs_when_hot() {
    #[task]
    async fn other(n: u64) -> u64 {
        n + 1_000
    }
    let ctx = hot();
    for _ in 0..3 {
        for n in 0..1_000 {
            assert_eq!(now(ctx.run(other(n))).unwrap(), n + 1_000);
            assert_eq!(now(ctx.run(plain(n))).unwrap(), n + 1);
        }
    }
    assert_eq!(ctx.stats().runs, 2_000);
}

#[test]
fn law_identity_of_inputs_of_equal_hash_when_hot() {
    #[derive(Clone, PartialEq, Eq, Debug)]
    struct Same(u64);
    impl std::hash::Hash for Same {
        fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
    }
    #[task]
    async fn id(n: Same) -> u64 {
        n.0
    }
    let ctx = hot();
    for _ in 0..3 {
        for n in 0..20 {
            assert_eq!(now(ctx.run(id(Same(n)))).unwrap(), n);
        }
    }
}

/// Each time it is hot again.
fn runs_anew_after(forget: impl Fn(&Ctx<Runs>)) {
    for ctx in BOTH.map(|hot| hot()) {
        for run in 2..10 {
            forget(&ctx);
            for _ in 0..OFTEN {
                assert_eq!(now(ctx.run(plain(0))).unwrap(), run);
            }
        }
        let stats = ctx.stats();
        assert_eq!((stats.runs, stats.hits as u64), (9, 9 * (OFTEN - 1)));
    }
}

#[test]
fn law_invalidate_is_seen_when_hot() {
    runs_anew_after(|ctx| assert!(ctx.invalidate(&plain(0))));
}

#[test]
fn law_invalidate_all_is_seen_when_hot() {
    runs_anew_after(|ctx| assert_eq!(ctx.invalidate_all(plain), 1));
}

#[test]
fn law_clear_is_seen_when_hot() {
    runs_anew_after(Ctx::clear);
}

#[test]
fn law_refresh_is_seen_when_hot() {
    for ctx in BOTH.map(|hot| hot()) {
        for run in 2..10 {
            assert_eq!(now(ctx.refresh(plain(0))).unwrap(), run);
            for _ in 0..OFTEN {
                assert_eq!(now(ctx.run(plain(0))).unwrap(), run);
            }
        }
    }
}

#[test]
fn law_insert_is_seen_when_hot() {
    for ctx in BOTH.map(|hot| hot()) {
        for n in 7..17 {
            ctx.insert(plain(0), n);
            for _ in 0..OFTEN {
                assert_eq!(now(ctx.run(plain(0))).unwrap(), n);
            }
        }
        assert_eq!(ctx.stats().runs, 1);
    }
}

#[test]
fn law_cancelled_serves_nothing_when_hot() {
    for hot in BOTH {
        let (ctx, value) = and(hot(), "one");
        ctx.cancel();
        assert_eq!(
            now(ctx.run(plain(0))).unwrap_err().kind(),
            ErrorKind::Cancelled
        );
        assert!(value.upgrade().is_none(), "it is dropped at once");
    }
}

#[test]
fn law_nothing_leaks_of_what_is_forgotten_when_hot() {
    let forget: [fn(&Ctx<Runs>); 3] = [
        |ctx| assert!(ctx.invalidate(&owned("one".into()))),
        Ctx::clear,
        |ctx| ctx.insert(owned("one".into()), Arc::default()),
    ];
    for hot in BOTH {
        for forget in forget {
            let (ctx, value) = and(hot(), "one");
            assert!(value.upgrade().is_some());
            forget(&ctx);
            assert!(value.upgrade().is_none(), "it is dropped at once");
        }
        let (ctx, value) = and(hot(), "one");
        drop(ctx);
        assert!(value.upgrade().is_none());
    }
}

/// A task with a TTL makes a hot context one that forgets.
#[test]
fn law_ttl_of_a_task_when_hot() {
    struct Brief;
    impl Task<Runs> for Brief {
        type Input = ();
        type Output = u64;
        type Error = Infallible;
        async fn run(ctx: &Ctx<Runs>, (): ()) -> Result<u64, Infallible> {
            Ok(ctx.state().0.fetch_add(1, SeqCst) + 1)
        }
        fn retention(_: Outcome<'_, u64, Infallible>) -> Option<Retention> {
            Some(Retention::For(Duration::from_nanos(1)))
        }
    }
    let ctx = hot();
    let brief = || now(ctx.run(runce::Call::<Brief, _>::new(()))).unwrap();
    let first = brief();
    while brief() == first {}
    for _ in 0..OFTEN {
        assert_eq!(now(ctx.run(plain(0))).unwrap(), 1);
    }
    ctx.clear();
    assert_ne!(now(ctx.run(plain(0))).unwrap(), 1);
}

/// Errors are remembered there too.
#[test]
fn law_errors_are_outcomes_when_hot() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    #[task]
    async fn fails(_n: u64) -> Result<u64, &'static str> {
        RUNS.fetch_add(1, SeqCst);
        Err("no")
    }
    let ctx = hot();
    for _ in 0..OFTEN {
        assert_eq!(
            now(ctx.run(fails(1))).unwrap_err().kind(),
            ErrorKind::Failed
        );
    }
    assert_eq!(RUNS.load(SeqCst), 1);
}

/// Its value has no destructor, but its error has.
#[test]
fn law_nothing_leaks_of_errors_that_are_forgotten_when_hot() {
    #[derive(Debug)]
    struct Why(#[expect(dead_code, reason = "it is counted")] Arc<u8>);
    impl std::fmt::Display for Why {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("no")
        }
    }
    impl std::error::Error for Why {}
    struct Fails;
    impl Task<Runs> for Fails {
        type Input = ();
        type Output = u64;
        type Error = Why;
        async fn run(ctx: &Ctx<Runs>, (): ()) -> Result<u64, Why> {
            Err(Why(ctx.state().1.clone()))
        }
    }
    let ctx = hot();
    let why = &ctx.state().1;
    let call = runce::Call::<Fails, _>::new(());
    for _ in 0..3 {
        assert!(now(ctx.run(call.clone())).is_err());
    }
    assert_eq!(Arc::strong_count(why), 2);
    assert!(ctx.invalidate(&call));
    assert_eq!(Arc::strong_count(why), 1, "it is dropped at once");
}
