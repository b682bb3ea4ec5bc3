//! Tokens and contexts: each hears of the other's end, and neither keeps anything alive.
use crate::runtimes;
use runce::{Ctx, ErrorKind};
use runce_tests::{App, Gate, caller, gated};
use runce_tokio::{NoRuntime, cancel_with, token};
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

fn ctx() -> Ctx<App> {
    Ctx::new(gated(&Gate::new()))
}

/// Looks on until no task is left.
fn no_task_is_left(runtime: &Runtime) {
    runtime.block_on(async {
        while runtime.metrics().num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_token_cancels_a_context() {
    for runtime in runtimes() {
        let (ctx, server) = (ctx(), CancellationToken::new());
        runtime.block_on(async {
            cancel_with(&ctx, server.child_token()).unwrap();
            let waits = tokio::spawn(caller(&ctx, 1));
            assert!(!ctx.is_cancelled());
            server.cancel();
            let error = waits.await.unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);
        });
        assert!(ctx.is_cancelled());
        no_task_is_left(&runtime);
    }
}

#[test]
fn a_context_cancels_its_tokens() {
    for runtime in runtimes() {
        for by_hand in [true, false] {
            let ctx = ctx();
            let tokens = runtime.block_on(async { [token(&ctx), token(&ctx)] });
            let tokens = tokens.map(Result::unwrap);
            assert!(tokens.iter().all(|token| !token.is_cancelled()));
            if by_hand {
                ctx.cancel();
            }
            drop(ctx);
            for token in tokens {
                runtime.block_on(token.cancelled());
            }
            no_task_is_left(&runtime);
        }
    }
}

#[test]
fn a_driver_that_cancels_its_token_ends_nothing_else() {
    let [runtime, _] = runtimes();
    let ctx = ctx();
    let [mine, other] = runtime.block_on(async { [token(&ctx), token(&ctx)] });
    mine.unwrap().cancel();
    runtime.block_on(tokio::task::yield_now());
    assert!(!ctx.is_cancelled() && !other.unwrap().is_cancelled());
}

/// Those that wait for a token go when the context does, though the token lives on.
#[test]
fn law_nothing_leaks_of_tokens() {
    for runtime in runtimes() {
        let (ctx, server) = (ctx(), CancellationToken::new());
        let live = ctx.state().live.clone();
        let token = runtime.block_on(async {
            cancel_with(&ctx, server.clone()).unwrap();
            token(&ctx).unwrap()
        });
        assert_eq!(runtime.metrics().num_alive_tasks(), 2);
        drop(ctx);
        assert_eq!(Arc::strong_count(&live), 1, "the context is kept alive");
        no_task_is_left(&runtime);
        assert!(token.is_cancelled() && !server.is_cancelled());
    }
}

#[test]
fn what_is_over_already_needs_no_runtime() {
    let (cancelled, over) = (CancellationToken::new(), ctx());
    cancelled.cancel();
    cancel_with(&over, cancelled).unwrap();
    assert!(over.is_cancelled());
    assert!(token(&over).unwrap().is_cancelled());
}

#[test]
fn a_missing_runtime_is_a_clear_error() {
    let ctx = ctx();
    assert_eq!(token(&ctx).unwrap_err(), NoRuntime);
    let none = cancel_with(&ctx, CancellationToken::new());
    assert_eq!(none.unwrap_err(), NoRuntime);
    assert!(!ctx.is_cancelled());
}

/// Nobody would cancel the token later, so it is now; the context goes on.
#[test]
fn a_runtime_that_is_shut_down_cancels_tokens_and_no_context() {
    for runtime in runtimes() {
        let (ctx, server) = (ctx(), CancellationToken::new());
        let token = runtime.block_on(async {
            cancel_with(&ctx, server.clone()).unwrap();
            token(&ctx).unwrap()
        });
        drop(runtime);
        assert!(token.is_cancelled() && !ctx.is_cancelled());
        server.cancel();
        assert!(!ctx.is_cancelled(), "nobody listens");
    }
}
