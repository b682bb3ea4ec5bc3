//! Errors as responses.
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use runce::{Error, ErrorKind};
use std::sync::Arc;
use tower::util::MapResponseLayer;

/// A [`runce::Error`] as a response: for `?` in handlers.
///
/// The status is 504 if it goes back to a deadline or a limit, 503 to a cancellation or to too many
/// runs that wait for their turn, and else 500; the text is that of the status, and says nothing of what happened inside. The error itself is in the
/// response's extensions, for [`map_failures`], and for a middleware that logs.
///
/// # Examples
///
/// Another answer in one handler, by an error type of its own:
///
/// ```
/// use axum::response::{IntoResponse, Response};
/// use http::StatusCode;
/// use runce_axum::Failure;
/// # #[derive(Debug)]
/// # struct NoSuchUser;
/// # impl std::fmt::Display for NoSuchUser {
/// #     fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) }
/// # }
/// # impl std::error::Error for NoSuchUser {}
///
/// struct PageError(runce::Error);
///
/// impl IntoResponse for PageError {
///     fn into_response(self) -> Response {
///         match self.0.find::<NoSuchUser>() {
///             Some(_) => (StatusCode::NOT_FOUND, "There is no such user.").into_response(),
///             None => Failure(self.0).into_response(),
///         }
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Failure(pub Error);

/// A layer that answers failures otherwise than [`Failure`] does: with what a function makes of
/// the error. Where that says `None`, the response stays as it is.
///
/// The innermost such layer that has an answer gives it: those further out see no error any more.
///
/// # Examples
///
/// For a router; a method router's `layer` takes it for one route.
///
/// ```
/// # use axum::{Router, routing::get};
/// # use http::StatusCode;
/// # #[derive(Debug)]
/// # struct NoSuchUser;
/// # impl std::fmt::Display for NoSuchUser {
/// #     fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) }
/// # }
/// # impl std::error::Error for NoSuchUser {}
/// let app: Router = Router::new()
///     .route("/", get(async || "Hello"))
///     .layer(runce_axum::map_failures(|error| {
///         let _: &NoSuchUser = error.find()?;
///         Some((StatusCode::NOT_FOUND, "There is no such user."))
///     }));
/// # let _ = app;
/// ```
pub fn map_failures<M, R>(
    map: M,
) -> MapResponseLayer<impl Fn(Response) -> Response + Clone + Send + Sync + 'static>
where
    M: Fn(&Error) -> Option<R> + Send + Sync + 'static,
    R: IntoResponse,
{
    let map = Arc::new(map);
    MapResponseLayer::new(move |response: Response| {
        let error = response.extensions().get::<Error>();
        let answer = error.and_then(|error| map(error));
        answer.map_or(response, IntoResponse::into_response)
    })
}

impl Failure {
    /// Of the cause, if tasks have wrapped that into errors of their own.
    fn status(&self) -> StatusCode {
        match self.0.root_kind() {
            ErrorKind::DeadlineExceeded | ErrorKind::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            ErrorKind::Cancelled | ErrorKind::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.status();
        let text = status.canonical_reason().unwrap_or_default();
        let mut response = (status, text).into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}
