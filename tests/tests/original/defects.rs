//! What the original gets wrong, each by its name.
//!
//! | there | here |
//! |---|---|
//! | an outcome's age counts from the start of its run: one slower than the TTL is run twice at once | `defect_age_from_the_start_of_a_run` |
//! | a failing sibling makes others remember that they were cancelled | `defect_cancellation_is_remembered` |
//! | after a panic later callers get the zero value, and no error | `defect_zero_value_after_a_panic` |
//! | a task that asks for itself waits for ever | `defect_a_task_waits_for_itself` |
//! | a task is its address, which another may have later | `defect_a_task_is_its_address` |
//! | an input of the wrong type is taken for the zero value | `defect_a_wrong_input_is_zero` |
//! | cleaning up sweeps all, inside some caller, under the lock | `defect_a_caller_sweeps_all` |
use crate::{Log, fails, gated, logged, noted};
use runce::testing::ManualClock;
use runce::{AnyTask, AnyValue, Ctx, DynTask, Error, ErrorKind, task};
use runce_tests::{counter, finish, now, poll};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn defect_age_from_the_start_of_a_run() {
    let clock = ManualClock::new();
    let ctx = Ctx::builder(Log::default()).clock(clock.clone());
    let ctx = ctx.ttl(SECOND).build();
    let (_, waker) = counter();
    let mut first = ctx.run(gated("slow"));
    assert!(poll(&mut first, &waker).is_pending());
    clock.advance(10 * SECOND);
    let mut second = ctx.run(gated("slow"));
    assert!(poll(&mut second, &waker).is_pending());
    ctx.state().gate.open();
    assert_eq!(finish(&mut first).unwrap().0.unwrap(), "result-slow");
    assert_eq!(finish(&mut second).unwrap().0.unwrap(), "result-slow");
    assert_eq!(now(ctx.run(gated("slow"))).unwrap(), "result-slow");
    assert_eq!(ctx.state().count("slow"), 1);
}

#[test]
fn defect_cancellation_is_remembered() {
    let ctx = logged();
    let error = now(ctx.run_parallel((gated("slow"), fails("test")))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    ctx.state().gate.open();
    for _ in 0..2 {
        assert_eq!(now(ctx.run(gated("slow"))).unwrap(), "result-slow");
    }
    assert_eq!(ctx.state().count("slow"), 2, "dropped, and run anew once");
}

#[task]
async fn panics(ctx: &Ctx<Log>, name: &str) -> u64 {
    ctx.state().note(name);
    panic!("no {name}")
}

#[test]
fn defect_zero_value_after_a_panic() {
    let ctx = logged();
    for _ in 0..2 {
        let error = now(ctx.run(panics("test"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert!(format!("{error:#}").contains("no test"), "{error:#}");
    }
    assert_eq!(ctx.state().count("test"), 1);
}

/// Behind a box the compiler does not see it.
#[task]
async fn of_itself(ctx: &Ctx<Log>, n: u64) -> Result<u64, Error> {
    Box::pin(ctx.run(of_itself(n))).await
}

#[test]
fn defect_a_task_waits_for_itself() {
    let error = now(logged().run(of_itself(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cycle);
    let text = format!("{error:#}");
    assert!(text.contains("of_itself(1) → of_itself(1)"), "{text}");
}

#[test]
fn defect_a_task_is_its_address() {
    let ctx = logged();
    for round in 0..100_u64 {
        let task = DynTask::new("round", move |_: &Ctx<Log>, ()| {
            Box::pin(async move { Ok::<_, Error>(round) })
        });
        assert_eq!(now(ctx.run(task.call(()))).unwrap(), round);
    }
    assert_eq!(ctx.len(), 100);
}

#[test]
fn defect_a_wrong_input_is_zero() {
    let ctx = logged();
    let task = AnyTask::new(noted);
    let error = task.call(AnyValue::new(7_u8)).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongInput);
    let text = error.to_string();
    assert!(text.contains("u8") && text.contains("String"), "{text}");
    assert_eq!(ctx.stats().runs, 0);
}

#[test]
fn defect_a_caller_sweeps_all() {
    const MANY: usize = 10_000;
    let clock = ManualClock::new();
    let ctx = Ctx::builder(Log::default()).clock(clock.clone());
    let ctx = ctx.ttl(SECOND).build();
    (0..MANY).for_each(|n| ctx.insert(noted(&n.to_string()), String::new()));
    clock.advance(2 * SECOND);
    let mut len = ctx.len();
    assert_eq!(len, MANY);
    let mut calls = 0;
    while len > calls {
        calls += 1;
        now(ctx.run(noted(&format!("call {calls}")))).unwrap();
        let removed = len + 1 - ctx.len();
        assert!(removed <= 33, "{removed} at once");
        len = ctx.len();
        assert!(calls < MANY, "{len} are left");
    }
}
