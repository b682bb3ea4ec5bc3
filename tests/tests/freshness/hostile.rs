//! Foreign code that panics, blocks or looks where outcomes are remembered and forgotten.
use crate::clocks::SECOND;
use runce::testing::ManualClock;
use runce::{Call, Ctx, Error, ErrorKind, Outcome, Retention, Task, task};
use runce_tests::{Hand, OnDrop, app, finish, key, now, waiting};
use std::cell::Cell;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// An error that cannot be looked into.
#[derive(Debug)]
struct Rude;

impl fmt::Display for Rude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rude")
    }
}

impl std::error::Error for Rude {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        panic!("none of your business")
    }
}

struct Fails;

/// Fails with that, as long as its context's state says so.
impl Task<AtomicBool> for Fails {
    type Input = u64;
    type Output = u64;
    type Error = Rude;

    async fn run(ctx: &Ctx<AtomicBool>, n: u64) -> Result<u64, Rude> {
        if ctx.state().load(SeqCst) {
            Err(Rude)
        } else {
            Ok(n)
        }
    }
}

fn fails(n: u64) -> Call<Fails, u64> {
    Call::new(n)
}

#[test]
fn law_panics_are_outcomes_of_errors_that_panic_and_last_as_long() {
    let clock = ManualClock::new();
    let builder = Ctx::builder(AtomicBool::new(true)).clock(clock.clone());
    let ctx = builder.ttl(SECOND).capacity(10).build();
    for n in 0..100 {
        let error = now(ctx.run(fails(n))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
    }
    assert_eq!((ctx.len(), ctx.stats().panicked), (10, 100));
    clock.advance(SECOND);
    ctx.state().store(false, SeqCst);
    assert_eq!(now(ctx.run(fails(99))).unwrap(), 99);
}

#[test]
fn law_panics_are_outcomes_of_a_refresh_whose_error_panics() {
    let ctx = Ctx::new(AtomicBool::new(false));
    assert_eq!(now(ctx.run(fails(1))).unwrap(), 1);
    ctx.state().store(true, SeqCst);
    let error = now(ctx.refresh(fails(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    ctx.state().store(false, SeqCst);
    assert_eq!(now(ctx.refresh(fails(1))).unwrap(), 1);
}

/// An input whose comparison panics when it is told to.
#[derive(Clone)]
struct Touchy(Arc<AtomicBool>);

impl Hash for Touchy {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        7.hash(hasher);
    }
}

impl PartialEq for Touchy {
    fn eq(&self, _: &Self) -> bool {
        assert!(!self.0.load(SeqCst), "do not touch");
        true
    }
}

impl Eq for Touchy {}

struct Compared;

impl Task<()> for Compared {
    type Input = Touchy;
    type Output = u64;
    type Error = Error;

    async fn run(_: &Ctx, _: Touchy) -> Result<u64, Error> {
        Ok(1)
    }

    fn retention(_: Outcome<'_, u64, Error>) -> Option<Retention> {
        Some(Retention::For(100 * SECOND))
    }
}

type Value = Arc<OnDrop<Box<dyn FnOnce() + Send + Sync>>>;

/// What is inserted for it does something when it is dropped; its run panics.
struct Holds;

impl Task<()> for Holds {
    type Input = u64;
    type Output = Value;
    type Error = Error;

    async fn run(_: &Ctx, _: u64) -> Result<Value, Error> {
        panic!("as it was told")
    }
}

fn holds(n: u64) -> Call<Holds, u64> {
    Call::new(n)
}

fn on_drop(work: impl FnOnce() + Send + Sync + 'static) -> Value {
    Arc::new(OnDrop::new(Box::new(work)))
}

#[test]
fn law_foreign_code_outside_locks_drops_while_a_comparison_panics() {
    let clock = ManualClock::new();
    let ctx = Ctx::builder(()).clock(clock.clone()).ttl(SECOND).build();
    let armed = Arc::new(AtomicBool::new(false));
    let touchy = || Call::<Compared, _>::new(Touchy(armed.clone()));
    ctx.insert(touchy(), 1);
    let (other, seen) = (ctx.clone(), Arc::new(AtomicUsize::new(usize::MAX)));
    let see = seen.clone();
    ctx.insert(holds(1), on_drop(move || see.store(other.len(), SeqCst)));
    clock.advance(2 * SECOND);
    armed.store(true, SeqCst);
    let inserted = catch_unwind(AssertUnwindSafe(|| ctx.insert(touchy(), 2)));
    armed.store(false, SeqCst);
    assert!(inserted.is_err());
    assert_eq!(
        (seen.load(SeqCst), ctx.len()),
        (1, 1),
        "swept, with no lock held"
    );
}

/// What a destructor sees of the call whose outcome drove its value out.
fn seen_when_dropped(capacity: usize, value: u64, end: impl FnOnce(&Ctx)) -> Option<ErrorKind> {
    let ctx = Ctx::builder(()).capacity(capacity).build();
    let seen = Arc::new(Mutex::new(None));
    let (see, other) = (seen.clone(), ctx.clone());
    let look = move || {
        let outcome = other.run_blocking(holds(1)).map(drop);
        *see.lock().unwrap() = outcome.err().map(|error| error.kind());
    };
    ctx.insert(holds(value), on_drop(look));
    end(&ctx);
    seen.lock().unwrap().take()
}

#[test]
fn law_panics_are_outcomes_before_what_they_drive_out_is_dropped() {
    let evicted = seen_when_dropped(1, 2, |ctx| {
        assert!(now(ctx.run(holds(1))).is_err());
    });
    assert_eq!(evicted, Some(ErrorKind::Panicked));
}

/// A run that took too long panics as it is dropped: its callers hear of that, and the key is
/// not dead.
#[test]
fn law_panics_are_outcomes_and_a_limit_is_not_remembered() {
    let clock = ManualClock::new();
    let app = app(|_, _| {
        Box::pin(async {
            let _end = OnDrop::new(|| panic!("in a destructor"));
            std::future::pending().await
        })
    });
    let ctx = Ctx::builder(app).timer(clock.clone()).limit(SECOND).build();
    let mut caller = waiting(&ctx, 1);
    clock.advance(SECOND);
    assert_eq!(caller.outcome().unwrap_err().kind(), ErrorKind::Panicked);
    assert!(ctx.is_empty());
}

#[test]
fn law_stack_safe_when_all_of_a_chain_take_too_long() {
    let chain = || {
        let clock = ManualClock::new();
        let app = app(|ctx, k| {
            Box::pin(async move {
                if k == 0 {
                    return std::future::pending().await;
                }
                ctx.run(key(k - 1)).await
            })
        });
        let ctx = Ctx::builder(app).timer(clock.clone()).limit(SECOND).build();
        let mut caller = waiting(&ctx, 100_000);
        clock.advance(SECOND);
        let error = caller.outcome().unwrap_err();
        assert_eq!(error.root_kind(), ErrorKind::TimedOut);
        assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    thread.spawn(chain).unwrap().join().unwrap();
}

thread_local! {
    /// What the next input that is dropped on this thread does.
    static ON_DROP: Cell<Option<Box<dyn FnOnce()>>> = const { Cell::new(None) };
}

#[derive(Clone, Hash, PartialEq, Eq)]
struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        if let Some(work) = ON_DROP.take() {
            work();
        }
    }
}

/// Whoever joins the run may be what the destructor waits for.
#[test]
fn law_no_futurelock_of_a_renewal_before_its_inputs_destructor() {
    #[task]
    async fn seven(_: Dropped) -> u64 {
        7
    }
    let (hand, clock) = (Hand::default(), ManualClock::new());
    let builder = Ctx::builder(()).executor(hand.clone()).clock(clock.clone());
    let ctx = builder.ttl(SECOND).stale_while_revalidate(SECOND).build();
    assert_eq!(now(ctx.run(seven(Dropped))).unwrap(), 7);
    clock.advance(SECOND);
    let told = Arc::new(AtomicUsize::new(0));
    let (seen, executor) = (told.clone(), hand.clone());
    ON_DROP.set(Some(Box::new(move || {
        seen.store(executor.spawned(), SeqCst);
    })));
    assert_eq!(now(ctx.run(seven(Dropped))).unwrap(), 7);
    assert_eq!((told.load(SeqCst), ctx.stats().stale), (1, 1));
    hand.go();
    assert_eq!(ctx.stats().succeeded, 2);
}

/// The failure that was noted for a caller who gets another error instead of what is old.
#[test]
fn law_panics_are_outcomes_and_what_was_noted_is_dropped_quietly() {
    struct Value(Arc<AtomicBool>);
    impl Clone for Value {
        fn clone(&self) -> Self {
            assert!(!self.0.load(SeqCst), "bad clone");
            Self(self.0.clone())
        }
    }
    #[derive(Debug)]
    struct Failure;
    impl fmt::Display for Failure {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("failure")
        }
    }
    impl std::error::Error for Failure {}
    impl Drop for Failure {
        fn drop(&mut self) {
            panic!("bad drop");
        }
    }
    #[task]
    async fn value(ctx: &Ctx<Arc<AtomicBool>>) -> Result<Value, Failure> {
        match ctx.state().load(SeqCst) {
            true => Err(Failure),
            false => Ok(Value((*ctx.state()).clone())),
        }
    }
    let (clock, bad) = (ManualClock::new(), Arc::new(AtomicBool::new(false)));
    let builder = Ctx::builder(bad.clone()).clock(clock.clone()).ttl(SECOND);
    let ctx = builder.stale_if_error(SECOND).build();
    assert!(now(ctx.run(value())).is_ok());
    clock.advance(SECOND);
    bad.store(true, SeqCst);
    let mut run = Box::pin(ctx.run(value()).detailed());
    let (outcome, _) = finish(&mut run).unwrap();
    assert_eq!(outcome.err().unwrap().kind(), ErrorKind::Panicked);
    assert_eq!(ctx.stats().stale, 0, "nobody was served it");
    assert!(catch_unwind(AssertUnwindSafe(|| drop(run))).is_ok());
}
