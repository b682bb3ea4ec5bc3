//! A debug build warns of a task that asks its own context through another handle, and of nothing
//! else.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(debug_assertions)]

use runce::{Ctx, task};
use runce_tests::{now, yields};
use std::process::Command;

#[task]
async fn below(n: u64) -> u64 {
    yields(1).await;
    n
}

#[task]
async fn above(ctx: &Ctx, through: &str) -> Result<u64, runce::Error> {
    match through {
        "a clone" => ctx.clone().run(below(7)).await,
        "another context" => Ctx::new(()).run(below(7)).await,
        _ => ctx.run(below(7)).await,
    }
}

/// The process that is watched by the test below.
#[test]
fn runs_both() {
    let through = std::env::var("RUNCE_TEST_THROUGH").unwrap_or_default();
    for _ in 0..2 {
        let ctx = Ctx::new(());
        assert_eq!(now(ctx.run(above(&through))).unwrap(), 7);
    }
}

#[test]
fn law_no_deadlock_warns_of_outside_calls_on_the_own_context() {
    for (through, times) in [("a clone", 1), ("another context", 0), ("its own", 0)] {
        let mut process = Command::new(std::env::current_exe().unwrap());
        process.args(["--exact", "runs_both", "--nocapture"]);
        process.env("RUNCE_TEST_THROUGH", through);
        let output = process.output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        let said = "task `above(\"a clone\")` waits for `below(7)` in its own context";
        assert_eq!(text.matches(said).count(), times, "{text}");
        assert_eq!(text.matches("runce:").count(), times, "{text}");
    }
}
