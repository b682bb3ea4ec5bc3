//! A request's context, for handlers.
use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use runce::Ctx;
use std::any::type_name;
use std::error::Error;
use std::fmt;

/// Extracts the context that [`CtxLayer`](crate::CtxLayer) gave to the request.
///
/// # Examples
///
/// ```
/// use runce::task;
/// use runce_axum::{Failure, RequestCtx};
///
/// #[task]
/// async fn double(n: u64) -> u64 { 2 * n }
///
/// async fn handler(RequestCtx(ctx): RequestCtx<()>) -> Result<String, Failure> {
///     Ok(ctx.run(double(4)).await?.to_string())
/// }
/// # let _ = handler;
/// ```
pub struct RequestCtx<S>(pub Ctx<S>);

/// The request has no context for that state: a layer is missing. As a response it is a 500
/// that says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct MissingCtx {
    state: &'static str,
}

impl<S: Send + Sync + 'static, R: Sync> FromRequestParts<R> for RequestCtx<S> {
    type Rejection = MissingCtx;

    async fn from_request_parts(request: &mut Parts, _: &R) -> Result<Self, MissingCtx> {
        let found = request.extensions.get::<Ctx<S>>().cloned();
        let state = type_name::<S>();
        found.map(Self).ok_or(MissingCtx { state })
    }
}

impl<S> Clone for RequestCtx<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> fmt::Debug for RequestCtx<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestCtx").field(&self.0).finish()
    }
}

impl IntoResponse for MissingCtx {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

impl fmt::Display for MissingCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state;
        write!(
            f,
            "this request has no `Ctx<{state}>`; give the router `CtxLayer::new(state)`, \
             with a state of that type, after its routes"
        )
    }
}

impl Error for MissingCtx {}
