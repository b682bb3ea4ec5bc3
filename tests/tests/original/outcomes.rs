//! Errors and cancellations.
use crate::{fails, gated, logged, noted};
use runce::ErrorKind;
use runce_tests::{counter, finish, now, poll};
use std::error::Error as _;

#[test]
fn cancelling_the_context_ends_a_call_in_progress() {
    let ctx = logged();
    let mut call = ctx.run(gated("test"));
    let (woken, waker) = counter();
    assert!(poll(&mut call, &waker).is_pending());
    ctx.cancel();
    assert_eq!(woken.get(), 1);
    // The gate was never opened.
    let error = finish(&mut call).unwrap().0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(ctx.stats().dropped, 1);
}

#[test]
fn an_error_reaches_the_caller() {
    let error = now(logged().run(fails("test"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(error.source().unwrap().to_string(), "task failed");
    let chain = format!("{error:#}");
    assert_eq!(chain, r#"task `fails("test")` failed: task failed"#);
}

#[test]
fn a_cancelled_context_runs_nothing() {
    let ctx = logged();
    now(ctx.run(noted("before"))).unwrap();
    ctx.cancel();
    for name in ["before", "after"] {
        let error = now(ctx.run(noted(name))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
    assert_eq!(ctx.state().count("after"), 0);
}

#[test]
fn an_error_is_remembered() {
    let ctx = logged();
    for _ in 0..2 {
        assert!(now(ctx.run(fails("test"))).is_err());
    }
    assert_eq!(ctx.state().count("test"), 1);
}

#[test]
fn a_failed_sibling_does_not_stop_what_another_wants() {
    let ctx = logged();
    let mut other = ctx.run(gated("slow"));
    let (_, waker) = counter();
    assert!(poll(&mut other, &waker).is_pending());
    now(ctx.run_parallel((gated("slow"), fails("test")))).unwrap_err();
    ctx.state().gate.open();
    assert_eq!(finish(&mut other).unwrap().0.unwrap(), "result-slow");
    assert_eq!(ctx.state().count("slow"), 1);
}
