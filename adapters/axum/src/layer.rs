//! The layer that gives each request a context.
use crate::body::{CtxBody, End};
use http::request::Parts;
use http::{Request, Response};
use pin_project_lite::pin_project;
use runce::{Builder, Ctx, Executor, NoExecutor, NoTimer, Timer, WithExecutor, WithTimer};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

/// Gives each request a [`Ctx<S>`](Ctx) of its own, which it puts into the request's
/// extensions. Handler, middleware and extractors share it.
///
/// The context is cancelled when the client goes away (the future of the response, or its
/// body, is dropped), and at the latest when the last byte of the response is sent. Whoever
/// holds a handle after that gets [`Cancelled`](runce::ErrorKind::Cancelled). A connection that
/// is upgraded outlives its response: open a context of its own for it.
///
/// `X` and `T` say what the contexts are built with, as in [`Builder`].
///
/// # Examples
///
/// As a layer for anything that takes a [`http::Request`], without axum:
///
/// ```
/// use http::{Request, Response};
/// use runce::Ctx;
/// use runce_axum::CtxLayer;
/// use std::convert::Infallible;
/// use std::sync::Arc;
/// use tower::{Layer, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let handler = service_fn(async |request: Request<String>| {
///     let ctx = request.extensions().get::<Ctx<u64>>().unwrap();
///     Ok::<_, Infallible>(Response::new(format!("{} {}", request.body(), ctx.state())))
/// });
/// let service = CtxLayer::new(Arc::new(7_u64)).layer(handler);
/// # let body = {
/// let response = service.oneshot(Request::new("state".to_string())).await.unwrap();
/// # use http_body_util::BodyExt;
/// # response.into_body().collect().await.unwrap().to_bytes() };
/// # assert_eq!(body, "state 7");
/// # }
/// ```
pub struct CtxLayer<S, X = NoExecutor, T = NoTimer> {
    open: OfRequest<Builder<S, X, T>>,
    finish: bool,
}

/// What [`CtxLayer`] makes of a service.
#[derive(Clone)]
pub struct CtxService<I> {
    inner: I,
    /// Gives the request its context; the end of that, if it is to end with the response.
    begin: OfRequest<Option<End>>,
}

type OfRequest<R> = Arc<dyn Fn(&mut Parts) -> R + Send + Sync>;

pin_project! {
    /// The future of [`CtxService`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it cancels the request's context, unless abandoned runs are to be
    /// [finished](CtxLayer::finish_abandoned).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct CtxFuture<F> {
        #[pin]
        inner: F,
        end: Option<End>,
    }
}

impl<S: Send + Sync + 'static> CtxLayer<S> {
    /// Contexts over that state, driven by their callers alone.
    #[must_use]
    pub fn new(state: Arc<S>) -> Self {
        Self::from_fn(move |_| Ctx::builder_shared(state.clone()))
    }

    /// An executor and a timer for the contexts: `runce_tokio::Tokio`, say. See
    /// [`Builder::runtime`].
    #[must_use]
    pub fn runtime(
        self,
        runtime: impl Executor + Timer + Clone,
    ) -> CtxLayer<S, WithExecutor, WithTimer> {
        self.and(move |builder| builder.runtime(runtime.clone()))
    }
}

impl<S: Send + Sync + 'static, X: 'static, T: 'static> CtxLayer<S, X, T> {
    /// Contexts as that function builds them, one for each request: over a state of the
    /// request's own, or with options that have no method here.
    ///
    /// # Examples
    ///
    /// ```
    /// use runce::Ctx;
    /// use runce_axum::CtxLayer;
    /// use std::sync::Arc;
    ///
    /// struct App;
    /// struct Visit {
    ///     app: Arc<App>,
    ///     path: String,
    /// }
    ///
    /// let app = Arc::new(App);
    /// let layer = CtxLayer::from_fn(move |request| {
    ///     let app = app.clone();
    ///     Ctx::builder(Visit { app, path: request.uri.path().to_string() }).inline_depth(16)
    /// });
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn from_fn(open: impl Fn(&Parts) -> Builder<S, X, T> + Send + Sync + 'static) -> Self {
        Self {
            open: Arc::new(move |request| open(request)),
            finish: false,
        }
    }

    /// The contexts end with that one, when the server shuts down, say. See
    /// [`Builder::parent`].
    ///
    /// The layer holds a handle: that context ends by [`cancel`](Ctx::cancel) only, as long as
    /// the layer lives.
    #[must_use]
    pub fn parent<P: Send + Sync + 'static>(self, parent: &Ctx<P>) -> Self {
        let parent = parent.clone();
        self.and(move |builder| builder.parent(&parent))
    }

    fn and<Y: 'static, U: 'static>(
        self,
        option: impl Fn(Builder<S, X, T>) -> Builder<S, Y, U> + Send + Sync + 'static,
    ) -> CtxLayer<S, Y, U> {
        let Self { open, finish } = self;
        let open = Arc::new(move |request: &mut Parts| option(open(request)));
        CtxLayer { open, finish }
    }
}

impl<S: Send + Sync + 'static, T: 'static> CtxLayer<S, WithExecutor, T> {
    /// A request that was begun is finished: the context is not cancelled when the client goes
    /// away, nor with the response, but left to itself. Runs that the handler was waiting for
    /// go on in the executor, until the deadline at most. See [`Builder::finish_abandoned`].
    ///
    /// For requests that change something. The handler itself is dropped all the same.
    #[must_use]
    pub fn finish_abandoned(self) -> Self {
        let mut layer = self.and(Builder::finish_abandoned);
        layer.finish = true;
        layer
    }
}

impl<S: Send + Sync + 'static> CtxLayer<S, WithExecutor, WithTimer> {
    /// So long after the request came nobody waits in its context any more. It bounds tasks
    /// alone: what else a handler does, it does not see. See [`Builder::deadline`].
    #[must_use]
    pub fn deadline(self, after: Duration) -> Self {
        self.and(move |builder| builder.deadline(after))
    }
}

impl<I, S: Send + Sync + 'static, X: 'static, T: 'static> Layer<I> for CtxLayer<S, X, T> {
    type Service = CtxService<I>;

    fn layer(&self, inner: I) -> CtxService<I> {
        let Self { open, finish } = self.clone();
        let begin = Arc::new(move |request: &mut Parts| {
            let ctx = open(request).build();
            let end = (!finish).then(|| End(ctx.cancellation()));
            request.extensions.insert(ctx);
            end
        });
        CtxService { inner, begin }
    }
}

impl<I, B, R> Service<Request<B>> for CtxService<I>
where
    I: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<CtxBody<R>>;
    type Error = I::Error;
    type Future = CtxFuture<I::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let end = (self.begin)(&mut parts);
        let inner = self.inner.call(Request::from_parts(parts, body));
        CtxFuture { inner, end }
    }
}

impl<F, R, E> Future for CtxFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<CtxBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx));
        let end = this.end.take();
        Poll::Ready(response.map(|response| response.map(|inner| CtxBody { inner, end })))
    }
}

impl<S, X, T> Clone for CtxLayer<S, X, T> {
    fn clone(&self) -> Self {
        let (open, finish) = (self.open.clone(), self.finish);
        Self { open, finish }
    }
}

impl<S, X, T> fmt::Debug for CtxLayer<S, X, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CtxLayer").finish_non_exhaustive()
    }
}

impl<I: fmt::Debug> fmt::Debug for CtxService<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("CtxService");
        debug.field("inner", &self.inner).finish_non_exhaustive()
    }
}
