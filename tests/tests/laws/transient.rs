//! **Outcomes**: `cancellation_is_not_an_outcome`, `a_run_has_no_callers_deadline`.
//!
//! | what ends | what is kept |
//! |---|---|
//! | a circle, passed on or wrapped | nothing |
//! | another context's cancellation, passed on or wrapped | nothing |
//! | a group, since one of it failed | the failure; nothing of the others |
//! | a caller's deadline, a run above, another context | the run goes on for the others |
use runce::testing::{ManualClock, Seeded};
use runce::{Call, Ctx, Error, ErrorKind, Task};
use runce_tests::*;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// An application's own error around one of ours.
#[derive(Debug)]
struct Own(Error);

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the page cannot be shown")
    }
}

impl std::error::Error for Own {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// A task that wraps what it gets from the key `k` of another context.
struct Wraps;

impl Task<Ctx<App>> for Wraps {
    type Input = u32;
    type Output = u64;
    type Error = Own;

    async fn run(ctx: &Ctx<Ctx<App>>, k: u32) -> Result<u64, Own> {
        ctx.state().run(key(k)).await.map_err(Own)
    }
}

/// Passed on as it is, it keeps its kind; wrapped, it is the task's own failure. Neither
/// is kept.
fn assert_wrapped_and_not_kept(inner: Ctx<App>, root: ErrorKind) {
    let outer = Ctx::new(inner);
    for nth in 1..4 {
        let error = now(outer.run(Call::<Wraps, _>::new(1))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert_eq!(error.find::<Own>().unwrap().0.kind(), root);
        assert_eq!((outer.len(), outer.stats().runs), (0, nth));
    }
}

#[test]
fn law_cancellation_is_not_an_outcome_nor_a_circle() {
    let ctx = Ctx::new(app(|ctx, k| Box::pin(ctx.run(key(k)))));
    for _ in 0..3 {
        let error = now(caller(&ctx, 1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cycle);
    }
    assert_eq!((ctx.state().runs(1), ctx.len()), (3, 0));
}

#[test]
fn law_cancellation_is_not_an_outcome_nor_a_wrapped_circle() {
    let inner = Ctx::new(app(|ctx, k| Box::pin(ctx.run(key(k)))));
    assert_wrapped_and_not_kept(inner, ErrorKind::Cycle);
}

#[test]
fn law_cancellation_is_not_an_outcome_when_wrapped() {
    let inner = Ctx::new(gated(&Gate::new()));
    inner.cancel();
    assert_wrapped_and_not_kept(inner, ErrorKind::Cancelled);
}

#[test]
fn law_cancellation_is_not_an_outcome_when_passed_on() {
    let inner = Ctx::new(gated(&Gate::new()));
    inner.cancel();
    let outer = Ctx::new(app_with(&inner, |_, k, inner| {
        Box::pin(async move { inner.run(key(k)).await })
    }));
    for nth in 1..4 {
        let error = now(caller(&outer, 1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!((outer.len(), outer.state().runs(1)), (0, nth));
    }
}

/// 1 fails when the gate opens; the others wait for the second gate.
fn group_that_fails(gates: &(Arc<Gate>, Arc<Gate>)) -> Ctx<App> {
    Ctx::new(app_with(gates, |ctx, k, (fails, opens)| {
        Box::pin(async move {
            match k {
                0 => return Ok(ctx.run_parallel([key(2), key(1), key(3)]).await?.len() as u64),
                1 => {
                    fails.wait().await;
                    panic!("one of the group");
                }
                _ => opens.wait().await,
            }
            Ok(u64::from(k))
        })
    }))
}

#[test]
fn law_cancellation_is_not_an_outcome_of_failed_siblings() {
    let gates = (Gate::new(), Gate::new());
    let ctx = group_that_fails(&gates);
    let mut group = waiting(&ctx, 0);
    assert_eq!(ctx.len(), 4);
    gates.0.open();
    assert_eq!(group.outcome().unwrap_err().kind(), ErrorKind::Panicked);
    assert_eq!(ctx.len(), 2, "the group and the one that failed");
    gates.1.open();
    assert_eq!(now(caller(&ctx, 2)).unwrap(), 2);
    assert_eq!((ctx.state().runs(2), ctx.state().runs(3)), (2, 1));
}

#[test]
fn law_cancellation_is_not_an_outcome_for_others_who_wait_for_a_sibling() {
    let gates = (Gate::new(), Gate::new());
    let ctx = group_that_fails(&gates);
    let mut group = waiting(&ctx, 0);
    let mut other = waiting(&ctx, 2);
    gates.0.open();
    group.outcome().unwrap_err();
    gates.1.open();
    assert_eq!(other.outcome().unwrap(), 2);
    assert_eq!(ctx.state().runs(2), 1);
}

/// `None`: its time was up before.
async fn within<F: Future>(clock: &ManualClock, seconds: u64, future: F) -> Option<F::Output> {
    let (mut future, mut sleep) = (
        pin!(future),
        pin!(clock.sleep(Duration::from_secs(seconds))),
    );
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => sleep.as_mut().poll(cx).map(|()| None),
    })
    .await
}

#[test]
fn law_a_run_has_no_callers_deadline() {
    let seeded = Seeded::new(7);
    let clock = seeded.clock();
    let ctx = Ctx::new(app_with(&clock, |_, k, clock| {
        Box::pin(async move {
            clock.sleep(Duration::from_secs(10)).await;
            Ok(u64::from(k))
        })
    }));
    let mut hasty = Box::pin(within(&clock, 1, ctx.run(key(1))));
    assert!(finish(&mut hasty).is_none(), "it began the run");
    let mut patient = caller(&ctx, 1);
    assert!(finish(&mut patient).is_none(), "it joined");
    assert!(seeded.block_on(hasty).unwrap().is_none(), "its time is up");
    assert_eq!(seeded.block_on(patient).unwrap().unwrap(), 1);
    assert_eq!((ctx.state().runs(1), ctx.stats().dropped), (1, 0));
}

/// 2 asks for 1, which it begins; another caller of 1 stays when that of 2 goes.
#[test]
fn law_a_run_has_no_callers_deadline_nor_that_of_a_run_above() {
    let gate = Gate::new();
    let ctx = Ctx::new(app_with(&gate, |ctx, k, gate| {
        Box::pin(async move {
            if k == 2 {
                return ctx.run(key(1)).await;
            }
            gate.wait().await;
            Ok(1)
        })
    }));
    let above = waiting(&ctx, 2);
    let mut other = waiting(&ctx, 1);
    drop(above);
    assert_eq!(ctx.stats().dropped, 1, "2");
    gate.open();
    assert_eq!(other.outcome().unwrap(), 1);
    assert_eq!(ctx.state().runs(1), 1);
}

#[test]
fn law_a_run_has_no_callers_deadline_nor_another_contexts_cancellation() {
    let gate = Gate::new();
    let inner = Ctx::new(gated(&gate));
    let outer = Ctx::new(app_with(&inner, |_, k, inner| {
        Box::pin(async move { inner.run(key(k)).await })
    }));
    let mut through = waiting(&outer, 1);
    let mut other = waiting(&inner, 1);
    outer.cancel();
    let error = through.outcome().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    gate.open();
    assert_eq!(other.outcome().unwrap(), 1);
    assert_eq!(inner.state().runs(1), 1);
}
