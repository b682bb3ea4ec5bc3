//! **Outcomes**: `errors_are_outcomes`, `panics_are_outcomes`, `cancelled_serves_nothing`.
//! What is not an outcome is in `transient`.
use runce::{Call, Ctx, ErrorKind, Task};
use runce_tests::*;
use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[derive(Debug)]
struct No;

impl fmt::Display for No {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no")
    }
}

impl std::error::Error for No {}

struct Fails;

impl Task<AtomicUsize> for Fails {
    type Input = ();
    type Output = ();
    type Error = No;

    async fn run(ctx: &Ctx<AtomicUsize>, (): ()) -> Result<(), No> {
        ctx.state().fetch_add(1, SeqCst);
        Err(No)
    }
}

#[test]
fn law_errors_are_outcomes() {
    let ctx = Ctx::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let error = now(ctx.run(Call::<Fails, _>::new(()))).unwrap_err();
        assert_eq!(format!("{error:#}"), "task `Fails` failed: no");
        assert!(error.find::<No>().is_some());
    }
    assert_eq!(ctx.state().load(SeqCst), 1);
}

#[test]
fn law_panics_are_outcomes_at_once() {
    let ctx = Ctx::new(app(|_, _| Box::pin(async { panic!("at once") })));
    for _ in 0..2 {
        let error = now(caller(&ctx, 0)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert_eq!(error.to_string(), "task `key(0)` panicked: at once");
    }
    assert_eq!((ctx.state().runs(0), ctx.state().live()), (1, 0));
}

/// 1 panics when the gate opens; 2 asks for 1.
#[test]
fn law_panics_are_outcomes_for_all_who_wait() {
    let gate = Gate::new();
    let ctx = Ctx::new(app_with(&gate, |ctx, k, gate| {
        Box::pin(async move {
            if k == 2 {
                return ctx.run(key(1)).await;
            }
            gate.wait().await;
            panic!("later {k}")
        })
    }));
    let mut callers = [1, 1, 2, 2].map(|k| waiting(&ctx, k));
    gate.open();
    for caller in &mut callers {
        assert!(caller.woken() > 0);
        let error = caller.outcome().unwrap_err();
        assert_eq!(error.to_string(), "task `key(1)` panicked: later 1");
    }
    let error = now(caller(&ctx, 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert_eq!((ctx.state().runs(1), ctx.state().live()), (1, 0));
}

#[derive(Clone)]
struct BadDrop;

impl Drop for BadDrop {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "bad drop");
    }
}

struct Makes;

impl Task<()> for Makes {
    type Input = ();
    type Output = Arc<BadDrop>;
    type Error = Infallible;

    async fn run(_: &Ctx, (): ()) -> Result<Arc<BadDrop>, Infallible> {
        Ok(Arc::new(BadDrop))
    }
}

/// A context that holds the last of a value whose destructor panics.
fn with_a_bad_value() -> Ctx {
    let ctx = Ctx::new(());
    drop(now(ctx.run(Call::<Makes, _>::new(()))).unwrap());
    ctx
}

#[test]
fn law_panics_are_outcomes_of_a_value_that_is_invalidated() {
    let ctx = with_a_bad_value();
    assert!(ctx.invalidate(&Call::<Makes, _>::new(())));
}

#[test]
fn law_panics_are_outcomes_of_a_value_dropped_with_its_context() {
    drop(with_a_bad_value());
}

#[test]
fn law_cancelled_serves_nothing() {
    let ctx = Ctx::new(gated(&Gate::new()));
    let mut first = waiting(&ctx, 1);
    ctx.cancel();
    assert_eq!(first.woken(), 1);
    let cancelled = Some(ErrorKind::Cancelled);
    assert_eq!(first.outcome().err().map(|e| e.kind()), cancelled);
    assert_eq!(now(caller(&ctx, 2)).err().map(|e| e.kind()), cancelled);
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
}

#[test]
fn law_cancelled_serves_nothing_that_was_remembered() {
    let ctx = Ctx::new(app(|_, k| Box::pin(async move { Ok(u64::from(k)) })));
    assert_eq!(now(caller(&ctx, 1)).unwrap(), 1);
    ctx.cancel();
    let error = now(caller(&ctx, 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(ctx.peek(&key(1)).is_none());
}

/// Cancelled in the poll of 0, which is nested so deep in those above it.
fn cancelled_from_inside(above: u32, times: usize) {
    let ctx = Ctx::new(app(move |ctx, k| {
        Box::pin(async move {
            if k > 0 {
                return ctx.run(key(k - 1)).await;
            }
            yields(times).await;
            ctx.cancel();
            pending().await
        })
    }));
    let error = now(caller(&ctx, above)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
}

#[test]
fn law_cancelled_serves_nothing_during_a_poll_below() {
    cancelled_from_inside(3, 1);
}

#[test]
fn law_cancelled_serves_nothing_during_its_own_poll() {
    cancelled_from_inside(0, 0);
}

/// Also not the outcome of the run that cancels.
#[test]
fn law_cancelled_serves_nothing_of_a_run_that_cancels() {
    #[runce::task]
    async fn ends(ctx: &Ctx) -> u64 {
        ctx.cancel();
        7
    }
    let ctx = Ctx::new(());
    let error = now(ctx.run(ends())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

/// Counts how often it is cloned; its hook may panic then.
struct Clones;

impl Task<AtomicUsize> for Clones {
    type Input = Hooked;
    type Output = ();
    type Error = Infallible;

    async fn run(ctx: &Ctx<AtomicUsize>, _: Hooked) -> Result<(), Infallible> {
        ctx.state().fetch_add(1, SeqCst);
        Ok(())
    }

    fn label(_: &Hooked, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("clones")
    }
}

/// An input that panics as it is cloned for the task: all who wait are told, the first call that
/// has no such input is run.
#[test]
fn law_panics_are_outcomes_of_a_clone_of_the_input() {
    let ctx = Ctx::new(AtomicUsize::new(0));
    let hook = Hook::default();
    hook.put(Box::new(|| panic!("not to be cloned")));
    let call = |hook| Call::<Clones, _>::new(Hooked((), hook));
    let error = now(ctx.run(call(hook))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert_eq!(
        error.to_string(),
        "task `clones` panicked: not to be cloned"
    );
    assert_eq!((ctx.len(), ctx.state().load(SeqCst)), (0, 0));
    assert_eq!(ctx.stats().in_flight, 0);
    now(ctx.run(call(Hook::default()))).unwrap();
    assert_eq!((ctx.len(), ctx.state().load(SeqCst)), (1, 1));
}

/// A call's input is remembered itself; the task gets a clone; nobody else does.
#[test]
fn trap_an_input_is_cloned_for_its_task_alone() {
    struct Counted(Arc<AtomicUsize>);
    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, SeqCst);
            Self(self.0.clone())
        }
    }
    impl PartialEq for Counted {
        fn eq(&self, _: &Self) -> bool {
            true
        }
    }
    impl Eq for Counted {}
    impl std::hash::Hash for Counted {
        fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
    }
    struct Takes;
    impl Task<()> for Takes {
        type Input = Counted;
        type Output = ();
        type Error = Infallible;

        async fn run(_: &Ctx, _: Counted) -> Result<(), Infallible> {
            Ok(())
        }
    }
    let (ctx, clones) = (Ctx::new(()), Arc::new(AtomicUsize::new(0)));
    for _ in 0..3 {
        now(ctx.run(Call::<Takes, _>::new(Counted(clones.clone())))).unwrap();
    }
    assert_eq!(clones.load(SeqCst), 1);
}
