//! A real server, and clients that hang up.
use crate::common::Event::{Begun, Dropped, Finished};
use crate::common::{Stage, ask, hold, serve, stage};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use futures_util::stream;
use runce_axum::{CtxLayer, Failure, RequestCtx};
use runce_tokio::Tokio;
use std::sync::Arc;
use tokio::io::AsyncReadExt;

type Stages = RequestCtx<Stage>;

async fn group(RequestCtx(ctx): Stages) -> Result<String, Failure> {
    let _handler = ctx.state().held(0);
    let held = ctx.run_parallel((hold(1), hold(2))).await?;
    Ok(format!("{held:?}"))
}

/// Answers at once, with a body that runs tasks 1, 2 and 3 as it streams.
async fn streamed(RequestCtx(ctx): Stages) -> Response {
    let body = stream::unfold((ctx, 1), |(ctx, n)| async move {
        if n > 3 {
            return None;
        }
        let chunk = ctx.run(hold(n)).await.map(|n| format!("{n},"));
        Some((chunk, (ctx, n + 1)))
    });
    Body::from_stream(body).into_response()
}

/// Waits for a task that it has spawned.
async fn spawned(RequestCtx(ctx): Stages) -> String {
    let _handler = ctx.state().held(0);
    let outcome = tokio::spawn(async move { ctx.run(hold(1)).await }).await;
    format!("{:?}", outcome.unwrap())
}

fn router() -> Router {
    Router::new()
        .route("/group", get(group))
        .route("/streamed", get(streamed))
        .route("/spawned", get(spawned))
}

/// With an executor, and driven by the handler alone.
fn both(stage: &Arc<Stage>) -> [Router; 2] {
    let alone = CtxLayer::new(stage.clone());
    let tokio = alone.clone().runtime(Tokio::current().unwrap());
    [router().layer(alone), router().layer(tokio)]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tasks_of_a_client_that_hangs_up_are_dropped() {
    let (stage, mut events) = stage();
    for router in both(&stage) {
        let client = ask(serve(router).await, "/group").await;
        assert_eq!(events.next(2).await, [Begun(1), Begun(2)]);
        drop(client);
        assert_eq!(events.next(3).await, [0, 1, 2].map(Dropped));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_are_those_that_a_spawned_future_waits_for() {
    let (stage, mut events) = stage();
    for router in both(&stage) {
        let client = ask(serve(router).await, "/spawned").await;
        assert_eq!(events.next(1).await, [Begun(1)]);
        drop(client);
        assert_eq!(events.next(2).await, [0, 1].map(Dropped));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_are_those_of_a_body_that_streams() {
    let (stage, mut events) = stage();
    for router in both(&stage) {
        let client = ask(serve(router).await, "/streamed").await;
        assert_eq!(events.next(1).await, [Begun(1)]);
        stage.gate.add_permits(1);
        assert_eq!(events.next(3).await, [Begun(2), Finished(1), Dropped(1)]);
        drop(client);
        assert_eq!(events.next(1).await, [Dropped(2)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_streams_may_run_tasks() {
    let (stage, _events) = stage();
    for router in both(&stage) {
        stage.gate.add_permits(3);
        let mut client = ask(serve(router).await, "/streamed").await;
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        for chunk in ["1,", "2,", "3,"] {
            assert!(answer.contains(chunk), "{answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_to_be_finished_is_finished() {
    for path in ["/group", "/spawned"] {
        let (stage, mut events) = stage();
        let contexts = CtxLayer::new(stage.clone()).runtime(Tokio::current().unwrap());
        let server = serve(router().layer(contexts.finish_abandoned())).await;
        let client = ask(server, path).await;
        let tasks = if path == "/group" { 2 } else { 1 };
        events.next(tasks).await;
        drop(client);
        assert_eq!(events.next(1).await, [Dropped(0)]);
        stage.gate.add_permits(tasks);
        let seen = events.next(2 * tasks).await;
        assert!(seen.contains(&Finished(1)), "{seen:?}");
    }
}
