//! Errors as responses.
use crate::common::{get, text};
use axum::extract::Path;
use axum::routing::{self, MethodRouter};
use axum::{Router, middleware, response::Response};
use http::StatusCode;
use runce::testing::ManualClock;
use runce::{Ctx, Error, task};
use runce_axum::{CtxLayer, Failure, RequestCtx, map_failures};
use std::fmt;
use std::time::Duration;

#[derive(Debug)]
enum PageError {
    Secret,
    Inner(Error),
}

/// Wraps the errors of the tasks that it calls into its own.
#[task]
async fn page(ctx: &Ctx<ManualClock>, what: &str) -> Result<String, PageError> {
    match what {
        "fails" => return Err(PageError::Secret),
        "panics" => panic!("a secret"),
        "late" => ctx.run(never()).within(Duration::ZERO).await?,
        "limited" => ctx.run(limited()).await?,
        "crowded" => drop(ctx.run_parallel((alone(1), alone(2))).await?),
        "cancelled" => ctx.cancel(),
        _ => {}
    }
    Ok(Box::pin(ctx.run(page(what))).await?) // a circle
}

#[task]
async fn never() {
    std::future::pending().await
}

#[task(limit = "1s")]
async fn limited(ctx: &Ctx<ManualClock>) {
    let clock = ctx.state().clone();
    // Once the run waits.
    tokio::spawn(async move { clock.advance(Duration::from_secs(1)) });
    std::future::pending().await
}

#[task(concurrency = 1, queue = 0)]
async fn alone(_n: u8) {
    std::future::pending().await
}

async fn handler(
    RequestCtx(ctx): RequestCtx<ManualClock>,
    Path(what): Path<String>,
) -> Result<String, Failure> {
    Ok(ctx.run(page(&what)).await?)
}

fn router(route: MethodRouter) -> Router {
    let contexts = CtxLayer::from_fn(|_| {
        let clock = ManualClock::new();
        Ctx::builder(clock.clone()).timer(clock)
    });
    Router::new().route("/{what}", route).layer(contexts)
}

/// The status, and the text.
async fn answer(router: Router, path: &str) -> (u16, String) {
    let response = get(router, path).await;
    (response.status().as_u16(), text(response).await)
}

fn is(status: u16, text: &str) -> (u16, String) {
    (status, text.to_owned())
}

#[tokio::test]
async fn an_error_is_a_status_and_tells_nothing_else() {
    let router = router(routing::get(handler));
    for path in ["/fails", "/panics", "/circle"] {
        let answer = answer(router.clone(), path).await;
        assert_eq!(answer, is(500, "Internal Server Error"), "{path}");
    }
}

#[tokio::test]
async fn what_took_too_long_or_was_refused_is_seen_through_the_errors_of_tasks() {
    let router = router(routing::get(handler));
    for path in ["/late", "/limited"] {
        let late = answer(router.clone(), path).await;
        assert_eq!(late, is(504, "Gateway Timeout"), "{path}");
    }
    for path in ["/cancelled", "/crowded"] {
        let refused = answer(router.clone(), path).await;
        assert_eq!(refused, is(503, "Service Unavailable"), "{path}");
    }
}

#[tokio::test]
async fn the_error_is_there_for_a_middleware() {
    let log = |response: Response| async move {
        let error = response.extensions().get::<Error>().unwrap();
        (StatusCode::ACCEPTED, format!("{error:#}"))
    };
    let router = router(routing::get(handler)).layer(middleware::map_response(log));
    let said = "task `page(\"fails\")` failed: the secret is out";
    assert_eq!(answer(router, "/fails").await, is(202, said));
}

#[tokio::test]
async fn a_router_answers_by_what_an_error_goes_back_to() {
    let router = router(routing::get(handler)).layer(map_failures(|error| {
        matches!(error.find()?, PageError::Secret).then_some((StatusCode::NOT_FOUND, "gone"))
    }));
    assert_eq!(answer(router.clone(), "/fails").await, is(404, "gone"));
    let other = answer(router, "/panics").await;
    assert_eq!(other, is(500, "Internal Server Error"), "it had no answer");
}

#[tokio::test]
async fn a_route_answers_before_its_router() {
    let route = routing::get(handler).layer(map_failures(|error| {
        matches!(error.find()?, PageError::Secret).then_some("the route")
    }));
    let router = router(route).layer(map_failures(|_| Some("the router")));
    assert_eq!(answer(router.clone(), "/fails").await, is(200, "the route"));
    assert_eq!(answer(router, "/panics").await, is(200, "the router"));
}

#[tokio::test]
async fn responses_that_are_no_failures_are_left_alone() {
    let fine = || async { (StatusCode::INTERNAL_SERVER_ERROR, "its own") };
    let router = router(routing::get(fine)).layer(map_failures(|_| Some("mapped")));
    assert_eq!(answer(router, "/x").await, is(500, "its own"));
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self::Inner(error)
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret => f.write_str("the secret is out"),
            Self::Inner(_) => f.write_str("another page failed"),
        }
    }
}

impl std::error::Error for PageError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Secret => None,
            Self::Inner(error) => Some(error),
        }
    }
}
