//! What is peculiar to tokio, on both flavours of its runtime; what it has in common with others
//! is held by the suite `conformance`.
#![allow(missing_docs, clippy::unwrap_used)]

mod cancellation;
mod context;
mod runtimes;
mod time;

use runce::{Ctx, task};
use runce_tests::{Gate, app, caller, finish, gated, key, poll};
use runce_tokio::Tokio;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::task::Waker;
use tokio::runtime::{Builder, Runtime};

fn runtimes() -> [Runtime; 2] {
    let threads = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        threads.unwrap(),
    ]
}

#[test]
fn law_once_1_000_callers() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let ctx = Ctx::builder(app(|_, k| {
                Box::pin(async move {
                    for _ in 0..3 {
                        tokio::task::yield_now().await;
                    }
                    Ok(u64::from(k))
                })
            }));
            let ctx = ctx.executor(Tokio::current().unwrap()).build();
            let callers: Vec<_> = (0..1_000).map(|_| tokio::spawn(caller(&ctx, 7))).collect();
            for caller in callers {
                assert_eq!(caller.await.unwrap().unwrap(), 7);
            }
            assert_eq!(ctx.state().runs(7), 1);
        });
    }
}

#[test]
fn a_group_runs_on_several_threads() {
    struct Meet(Barrier, AtomicUsize);
    #[task]
    async fn meet(ctx: &Ctx<Meet>, n: u64) -> u64 {
        // Both are in their polls at the same time, or this never returns.
        ctx.state().0.wait();
        ctx.state().1.fetch_add(1, SeqCst);
        n
    }
    let [_, runtime] = runtimes();
    let met = runtime.block_on(async {
        let meet_at = Meet(Barrier::new(2), AtomicUsize::new(0));
        let ctx = Ctx::builder(meet_at)
            .executor(Tokio::current().unwrap())
            .build();
        let [_idle, ..] = ctx.run_parallel([idle(0), idle(1), idle(2)]).await.unwrap();
        let both = ctx.clone();
        let group = tokio::spawn(async move { both.run_parallel((meet(1), meet(2))).await });
        group.await.unwrap().unwrap();
        ctx.state().1.load(SeqCst)
    });
    assert_eq!(met, 2);
}

#[task]
async fn idle(n: u64) -> u64 {
    n
}

#[test]
fn a_runtime_that_is_shut_down_loses_nothing() {
    for runtime in runtimes() {
        let gate = Gate::new();
        let tokio = Tokio::new(runtime.handle().clone());
        let ctx = Ctx::builder(gated(&gate)).executor(tokio).build();
        let (mut first, mut second) = (caller(&ctx, 1), caller(&ctx, 1));
        assert!(poll(&mut first, Waker::noop()).is_pending());
        assert!(poll(&mut second, Waker::noop()).is_pending());
        drop(runtime); // waits until its jobs are dropped
        gate.open();
        drop(first);
        assert_eq!(finish(&mut second).expect("hangs").0.unwrap(), 1);
        // And what is begun after that works too.
        let group = Arc::new(ctx);
        let mut all = Box::pin(group.run_parallel((2..6).map(key).collect::<Vec<_>>()));
        assert_eq!(finish(&mut all).expect("hangs").0.unwrap(), [2, 3, 4, 5]);
    }
}
