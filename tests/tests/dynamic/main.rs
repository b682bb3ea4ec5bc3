//! Erased calls, tasks made at run time, any tasks, and forgetting all calls of one.
#![allow(missing_docs, clippy::unwrap_used)]

mod any_task;
mod dyn_task;
mod erased;
mod invalidate;

use runce::{AnyTask, AnyValue, Call, Ctx, DynTask, ErasedCall, Error, ErrorKind, TaskFn, task};
use runce_tests::{Gate, Way, now};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};

#[derive(Default)]
struct App {
    gate: Arc<Gate>,
    runs: AtomicUsize,
}

#[task]
async fn double(ctx: &Ctx<App>, n: u64) -> u64 {
    ctx.state().runs.fetch_add(1, SeqCst);
    2 * n
}

/// Waits for the gate.
#[task]
async fn slow(ctx: &Ctx<App>, n: u64) -> u64 {
    ctx.state().runs.fetch_add(1, SeqCst);
    ctx.state().gate.wait().await;
    n
}

#[task]
async fn greet(greeting: &str, name: &str) -> String {
    format!("{greeting}, {name}!")
}

#[task]
async fn nothing() {}

#[task]
async fn show<T: Debug + Clone + Eq + Hash + Send + Sync>(value: T) -> String {
    format!("{value:?}")
}

#[task]
async fn half(n: u64) -> Result<u64, String> {
    if n % 2 == 0 {
        Ok(n / 2)
    } else {
        Err(format!("{n} is odd"))
    }
}

/// Counts its runs.
fn counting(name: &'static str, runs: &Arc<AtomicUsize>) -> DynTask<App, u64, u64> {
    let runs = runs.clone();
    DynTask::new(name, move |_: &Ctx<App>, n: u64| {
        let runs = runs.clone();
        Box::pin(async move {
            runs.fetch_add(1, SeqCst);
            Ok::<_, Error>(n + 1)
        })
    })
}

fn any<Args>(task: impl TaskFn<App, Args>) -> AnyTask<App> {
    AnyTask::new(task)
}
