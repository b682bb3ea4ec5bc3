//! Groups of calls.
use crate::{Log, gated, logged, noted};
use runce::{Call, ErasedCall, task};
use runce_tests::now;

#[test]
fn duplicates_in_a_group_are_run_once() {
    let ctx = logged();
    ctx.state().gate.open();
    let group = now(ctx.run_parallel(["alpha", "beta", "alpha"].map(gated))).unwrap();
    assert_eq!(group, ["result-alpha", "result-beta", "result-alpha"]);
    let runs = ["alpha", "beta"].map(|name| ctx.state().count(name));
    assert_eq!(runs, [1, 1]);
}

#[test]
fn an_empty_group_and_a_group_of_one() {
    let ctx = logged();
    let none = now(ctx.run_parallel(["none"; 0].map(noted))).unwrap();
    assert_eq!(none.len(), 0);
    let one = now(ctx.run_parallel(vec![noted("one")])).unwrap();
    assert_eq!(one, ["result-one"]);
    assert_eq!(ctx.stats().runs, 1);
}

#[test]
fn an_absent_member_is_skipped() {
    let ctx = logged();
    let absent: Option<Call<_, _>> = None;
    let present = Some(noted("present"));
    let group = now(ctx.run_parallel([present, absent])).unwrap();
    assert_eq!(group, [Some("result-present".to_string()), None]);
    assert_eq!(*ctx.state().events.lock().unwrap(), ["present"]);
}

/// As many as one likes, in a list that is made at run time.
#[test]
fn a_list_mixes_calls_of_different_tasks() {
    #[task]
    async fn length(text: &str) -> usize {
        text.len()
    }
    let ctx = logged();
    let mut calls: Vec<ErasedCall<Log, String>> = Vec::new();
    for name in ["alpha", "beta", "alpha"] {
        calls.push(noted(name).erase());
        calls.push(length(name).erase().map(|length| length.to_string()));
    }
    let group = now(ctx.run_parallel(calls)).unwrap();
    let expected = ["result-alpha", "5", "result-beta", "4", "result-alpha", "5"];
    assert_eq!(group, expected);
    assert_eq!(ctx.stats().runs, 4, "duplicates are run once");
}
