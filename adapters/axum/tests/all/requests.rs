//! What requests share, and what they do not; when their contexts end.
use crate::common::{get, hold, stage, text};
use axum::extract::{FromRequestParts, Path};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, routing};
use http::request::Parts;
use http_body_util::BodyExt;
use runce::{Ctx, Error, ErrorKind, task};
use runce_axum::{CtxLayer, Failure, MissingCtx, RequestCtx};
use runce_tokio::Tokio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::Barrier;
use tokio::time::{Instant, timeout};

/// Of a paused clock: it has passed as soon as nobody has anything to do.
const HOUR: Duration = Duration::from_secs(3600);

/// Counts the runs of its one task, which waits until so many are at it.
struct App {
    runs: AtomicUsize,
    meet: Barrier,
}

fn app(at_once: usize) -> Arc<App> {
    Arc::new(App {
        runs: AtomicUsize::new(0),
        meet: Barrier::new(at_once),
    })
}

#[task]
async fn user(ctx: &Ctx<App>, id: u64) -> String {
    ctx.state().runs.fetch_add(1, SeqCst);
    ctx.state().meet.wait().await;
    format!("user {id}")
}

/// An extractor that asks for the user.
struct Visitor(String);

impl FromRequestParts<()> for Visitor {
    type Rejection = MissingCtx;

    async fn from_request_parts(request: &mut Parts, state: &()) -> Result<Self, MissingCtx> {
        let RequestCtx(ctx) = RequestCtx::<App>::from_request_parts(request, state).await?;
        Ok(Self(ctx.run(user(7)).await.unwrap()))
    }
}

/// A middleware that asks for the user, and tells what the context has done.
async fn counted(
    RequestCtx(ctx): RequestCtx<App>,
    request: axum::extract::Request,
    next: Next,
) -> Response {
    ctx.run(user(7)).await.unwrap();
    let mut response = next.run(request).await;
    let stats = ctx.stats();
    let counts = format!("{} runs, {} hits", stats.runs, stats.hits);
    let header = counts.parse().unwrap();
    response.headers_mut().insert("x-counts", header);
    response
}

async fn handler(
    Visitor(visitor): Visitor,
    RequestCtx(ctx): RequestCtx<App>,
) -> Result<String, Failure> {
    assert_eq!(visitor, ctx.run(user(7)).await?);
    Ok(visitor)
}

fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/", routing::get(handler))
        .layer(from_fn(counted))
        .layer(CtxLayer::new(app.clone()))
}

#[tokio::test]
async fn handler_middleware_and_extractors_of_a_request_share_its_context() {
    let app = app(1);
    let response = get(router(&app), "/").await;
    assert_eq!(response.headers()["x-counts"], "1 runs, 2 hits");
    assert_eq!(text(response).await, "user 7");
    assert_eq!(app.runs.load(SeqCst), 1);
}

#[tokio::test]
async fn concurrent_requests_share_the_state_alone() {
    const REQUESTS: usize = 8;
    let app = app(REQUESTS); // were a run shared, the others would wait for ever
    let requests: Vec<_> = (0..REQUESTS)
        .map(|_| tokio::spawn(get(router(&app), "/")))
        .collect();
    for request in requests {
        assert_eq!(text(request.await.unwrap()).await, "user 7");
    }
    assert_eq!(app.runs.load(SeqCst), REQUESTS);
}

#[tokio::test]
async fn the_context_ends_with_the_body_of_the_response() {
    let (sender, handles) = std::sync::mpsc::channel();
    let handler = |RequestCtx(ctx): RequestCtx<()>| async move { sender.send(ctx).unwrap() };
    let router = Router::new().route("/", routing::get(handler));
    let router = router.layer(CtxLayer::new(Arc::new(())));

    let mut read = get(router.clone(), "/").await;
    let ctx = handles.recv().unwrap();
    assert!(!ctx.is_cancelled());
    assert!(read.body_mut().frame().await.is_none());
    assert!(ctx.is_cancelled(), "it was read to its end");

    let dropped = get(router, "/").await;
    let ctx = handles.recv().unwrap();
    assert!(!ctx.is_cancelled());
    drop(dropped);
    assert!(ctx.is_cancelled(), "it was dropped");
}

#[tokio::test]
async fn a_missing_layer_is_named() {
    let route = || Router::new().route("/", routing::get(|_: RequestCtx<App>| async {}));
    let said = "this request has no `Ctx<all::requests::App>`; give the router \
                `CtxLayer::new(state)`, with a state of that type, after its routes";
    // None at all, and one of another type.
    for router in [route(), route().layer(CtxLayer::new(Arc::new(7)))] {
        let response = get(router, "/").await;
        assert_eq!(response.status(), 500);
        assert_eq!(text(response).await, said);
    }
}

#[tokio::test]
async fn a_request_can_have_a_state_of_its_own() {
    let contexts = CtxLayer::from_fn(|request| Ctx::builder(request.uri.path().to_string()));
    let handler = |RequestCtx(ctx): RequestCtx<String>| async move { ctx.state().clone() };
    let router = Router::new().route("/{*path}", routing::get(handler));
    let response = get(router.layer(contexts), "/a/b").await;
    assert_eq!(text(response).await, "/a/b");
}

async fn holding(RequestCtx(ctx): RequestCtx<crate::common::Stage>) -> Result<String, Failure> {
    Ok(ctx.run(hold(1)).await?.to_string())
}

#[tokio::test(start_paused = true)]
async fn a_request_has_a_deadline() {
    let (stage, _events) = stage();
    let contexts = CtxLayer::new(stage)
        .runtime(Tokio::current().unwrap())
        .deadline(Duration::from_secs(30));
    let router = Router::new().route("/", routing::get(holding));
    let began = Instant::now();
    let response = timeout(HOUR, get(router.layer(contexts), "/")).await;
    let response = response.expect("it has none");
    assert_eq!(response.status(), 504);
    assert_eq!(text(response).await, "Gateway Timeout");
    // The paused clock goes in steps of a millisecond.
    let took = began.elapsed().saturating_sub(Duration::from_secs(30));
    assert!(took <= Duration::from_millis(1), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_parent_is_that_of_all_requests() {
    let (stage, mut events) = stage();
    let server = Ctx::new(());
    let contexts = CtxLayer::new(stage).parent(&server);
    let router = Router::new().route("/", routing::get(holding));
    let request = tokio::spawn(get(router.layer(contexts), "/"));
    events.next(1).await;
    server.cancel();
    let response = timeout(HOUR, request).await.expect("it goes on").unwrap();
    assert_eq!(response.status(), 503);
    let error = response.extensions().get::<Error>().unwrap();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[tokio::test]
async fn paths_and_other_extractors_are_left_as_they_are() {
    let handler = |Path(id): Path<u64>, _: RequestCtx<()>| async move { id.to_string() };
    let router = Router::new().route("/{id}", routing::get(handler));
    let response = get(router.layer(CtxLayer::new(Arc::new(()))), "/12").await;
    assert_eq!(text(response).await, "12");
}
