//! A debug build warns of a task that asks its own context through another handle.
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
async fn above(ctx: &Ctx, through_a_clone: bool) -> Result<u64, runce::Error> {
    if through_a_clone {
        ctx.clone().run(below(7)).await
    } else {
        ctx.run(below(7)).await
    }
}

/// The process that is watched by the test below.
#[test]
fn runs_both() {
    let ctx = Ctx::new(());
    let clone = std::env::var_os("RUNCE_TEST_CLONE").is_some();
    assert_eq!(now(ctx.run(above(clone))).unwrap(), 7);
    let ctx = Ctx::new(());
    assert_eq!(now(ctx.run(above(clone))).unwrap(), 7);
}

#[test]
fn law_no_deadlock_warns_of_outside_calls_on_the_own_context() {
    for clone in [true, false] {
        let mut process = Command::new(std::env::current_exe().unwrap());
        process.args(["--exact", "runs_both", "--nocapture"]);
        if clone {
            process.env("RUNCE_TEST_CLONE", "1");
        }
        let output = process.output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        let said = "task `above(true)` waits for `below(7)` in its own context";
        assert_eq!(text.matches(said).count(), usize::from(clone), "{text}");
        assert_eq!(text.matches("runce:").count(), usize::from(clone), "{text}");
    }
}
