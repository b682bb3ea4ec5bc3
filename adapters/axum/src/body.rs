//! The body of a response, and with it the end of the request's context.
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use runce::Cancellation;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The body of a response. The request's context ends with it: a body that streams may
    /// still run tasks.
    #[derive(Debug)]
    pub struct CtxBody<B> {
        // Dropped first: what its runs hold is gone before their context is cancelled.
        #[pin]
        pub(crate) inner: B,
        pub(crate) end: Option<End>,
    }
}

/// Cancels a request's context when it is dropped.
#[derive(Debug)]
pub(crate) struct End(pub(crate) Cancellation);

impl<B: Body> Body for CtxBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            *this.end = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
