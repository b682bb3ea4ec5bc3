//! **Once**: `once`, `once_survives_its_caller`.
use runce::{Ctx, Error};
use runce_tests::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[test]
fn law_once_with_1000_callers() {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let mut callers: Vec<_> = (0..1000).map(|_| waiting(&ctx, 7)).collect();
    gate.open();
    for caller in &mut callers {
        assert_eq!(caller.outcome().unwrap(), 7);
    }
    assert_eq!(ctx.state().runs(7), 1);
}

#[test]
fn law_once_a_later_caller_gets_the_outcome() {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let mut first = waiting(&ctx, 7);
    gate.open();
    first.outcome().unwrap();
    assert_eq!(now(caller(&ctx, 7)).unwrap(), 7);
    assert_eq!(ctx.state().runs(7), 1);
}

#[test]
fn law_once_survives_its_caller() {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let (first, mut second) = (waiting(&ctx, 1), waiting(&ctx, 1));
    drop(first);
    gate.open();
    assert_eq!(second.woken(), 1);
    assert_eq!(second.outcome().unwrap(), 1);
    assert_eq!(ctx.state().runs(1), 1);
}

/// 0 asks for a group of ten.
async fn group_of_ten(ctx: &Ctx<App>, k: u32, gate: &Gate) -> Result<u64, Error> {
    if k == 0 {
        let ten = (1..11).map(key).collect::<Vec<_>>();
        return Ok(ctx.run_parallel(ten).await?.iter().sum());
    }
    gate.wait().await;
    Ok(u64::from(k))
}

#[test]
fn law_once_parallel_group_on_the_executor() {
    let gate = Gate::new();
    let state = app_with(&gate, |ctx, k, gate| {
        Box::pin(async move { group_of_ten(ctx, k, &gate).await })
    });
    let (ctx, hand) = driven(state, true);
    let mut all = waiting(&ctx, 0);
    assert_eq!((hand.jobs(), ctx.state().live()), (1, 2), "begun: 0 and 1");
    hand.go();
    let jobs = hand.jobs();
    assert_eq!(
        (jobs, ctx.state().live()),
        (9, 11),
        "each that waits has a job"
    );
    gate.open();
    hand.go();
    assert!(all.woken() >= 1);
    assert_eq!(all.outcome().unwrap(), 55);
    hand.go();
    assert_eq!(hand.jobs(), 0);
}

const CROWD: usize = 10_000;

/// A run that is woken eleven times, and ends with the last, for a crowd of callers, who
/// poll when they are woken: how often they were woken.
fn wakes_of_a_crowd(executor: bool) -> usize {
    let (gate, polls) = (Gate::new(), Arc::new(AtomicUsize::new(0)));
    let state = app_with(&(gate.clone(), polls.clone()), |_, k, (gate, polls)| {
        Box::pin(async move {
            counting(&polls, gate.wait()).await;
            Ok(u64::from(k))
        })
    });
    let (ctx, hand) = driven(state, executor);
    let mut callers: Vec<_> = (0..CROWD).map(|_| waiting(&ctx, 1)).collect();
    hand.go();
    for _ in 0..10 {
        let before: Vec<usize> = callers.iter().map(Waiting::woken).collect();
        gate.pulse();
        hand.go();
        for (caller, before) in callers.iter_mut().zip(before) {
            assert!(caller.woken() == before || caller.poll().is_pending());
        }
    }
    gate.open();
    hand.go();
    for caller in &mut callers {
        assert!(caller.woken() > 0);
        assert!(caller.poll().is_ready());
    }
    assert_eq!(polls.load(SeqCst), 12, "one for each wake, and the first");
    let wakes = callers.iter().map(Waiting::woken).sum();
    drop(callers);
    hand.go();
    assert_eq!(hand.jobs(), 0);
    wakes
}

/// The price of `no_futurelock`: who is woken does not know whether others will poll.
#[test]
fn law_once_a_wake_is_one_poll_and_a_wake_of_each_caller() {
    assert_eq!(wakes_of_a_crowd(false), (11 + 1) * CROWD, "and the outcome");
}

#[test]
fn law_once_with_an_executor_only_the_outcome_wakes_callers() {
    assert_eq!(wakes_of_a_crowd(true), CROWD);
}
