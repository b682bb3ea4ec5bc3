//! Awaiting without a runtime, alike for all contestants.
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What is ready when it is polled once. Inlined, as an `.await` is: a call would move the future, and
/// wait for that.
#[inline(always)]
pub fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it is ready at once"),
    }
}

/// Polled once, as [`now`] does; who is not ready then is waited for.
pub fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => output,
        Poll::Pending => futures::executor::block_on(future),
    }
}
