//! The future of a call.
use super::Ctx;
use super::call::CallFuture;
use super::within::Limit;
use crate::error::Error;
use crate::notify::Caller;
use crate::task::{Call, Task};
use alloc::boxed::Box;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use futures_core::FusedFuture;

/// The future of a call, made by [`Ctx::run`].
///
/// It does nothing until it is polled. It borrows the handle; to spawn it, move a clone of
/// the handle in with it: `async move { ctx.run(call).await }`.
///
/// With the feature `compile-time-cycles` its last parameter is the type of the task's own
/// future, which has no name: write `impl Future<…>` where its type is asked for.
///
/// # Cancel safety
///
/// Dropping it withdraws this caller's interest. The run goes on for the others; if
/// there are none, it is dropped, or finished by the executor where the context says so.
///
/// # Examples
///
/// ```
/// use runce::{Ctx, Run, task};
/// # use std::{pin::Pin, future::Future, task::{Context, Poll, Waker}};
///
/// #[task]
/// async fn seven() -> u64 { 7 }
///
/// let ctx = Ctx::new(());
/// let mut run: Run<'_, (), _, _> = ctx.run(seven());
/// assert!(ctx.is_empty()); // nothing happened yet
/// let mut cx = Context::from_waker(Waker::noop());
/// assert!(matches!(Pin::new(&mut run).poll(&mut cx), Poll::Ready(Ok(7))));
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Run<'c, S: Send + Sync + 'static, T: Task<S>, F> {
    call: CallFuture<'c, S, T>,
    limit: Option<Box<Limit>>,
    /// Makes rustc compute the layout of the task's future: tasks that call each other
    /// in a circle are then an error of compilation, E0733.
    _witness: [F; 0],
}

impl<S: Send + Sync + 'static> Ctx<S> {
    #[doc = include_str!("run.md")]
    #[cfg(feature = "compile-time-cycles")]
    pub fn run<T: Task<S>>(&self, call: Call<T, T::Input>) -> Run<'_, S, T, impl Send + use<S, T>> {
        Run::new(CallFuture::new(self, call.input), |ctx, input| {
            T::run(ctx, input)
        })
    }

    #[doc = include_str!("run.md")]
    #[cfg(not(feature = "compile-time-cycles"))]
    pub fn run<T: Task<S>>(&self, call: Call<T, T::Input>) -> Run<'_, S, T, ()> {
        Run::new(CallFuture::new(self, call.input), |_, _| ())
    }
}

impl<S: Send + Sync + 'static> Ctx<S> {
    #[doc = include_str!("refresh.md")]
    #[cfg(feature = "compile-time-cycles")]
    pub fn refresh<T: Task<S>>(
        &self,
        call: Call<T, T::Input>,
    ) -> Run<'_, S, T, impl Send + use<S, T>> {
        Run::new(CallFuture::new(self, call.input).anew(), |ctx, input| {
            T::run(ctx, input)
        })
    }

    #[doc = include_str!("refresh.md")]
    #[cfg(not(feature = "compile-time-cycles"))]
    pub fn refresh<T: Task<S>>(&self, call: Call<T, T::Input>) -> Run<'_, S, T, ()> {
        Run::new(CallFuture::new(self, call.input).anew(), |_, _| ())
    }
}

impl<'c, S: Send + Sync + 'static, T: Task<S>, F> Run<'c, S, T, F> {
    /// The closure is never called: its type tells the type of the task's future.
    pub(crate) fn new(
        call: CallFuture<'c, S, T>,
        _: impl FnOnce(&'static Ctx<S>, T::Input) -> F,
    ) -> Self {
        Self {
            call,
            limit: None,
            _witness: [],
        }
    }
}

impl<S: Send + Sync + 'static, T: Task<S>, F> Run<'_, S, T, F> {
    /// Waits no longer than that, from the first poll that has to wait. The run is not bound by
    /// it: it goes on for others that want it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::DeadlineExceeded`](crate::ErrorKind::DeadlineExceeded) when the time is up;
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) at once, also for what is
    /// remembered, in a context without a [timer](crate::Builder::timer).
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::testing::Seeded;
    /// # use runce::{Ctx, ErrorKind, task};
    /// # use std::time::Duration;
    /// #[task]
    /// async fn never() { std::future::pending().await }
    ///
    /// let runtime = Seeded::new(1);
    /// let ctx = Ctx::builder(()).runtime(runtime.clone()).build();
    /// let wait = ctx.run(never()).within(Duration::from_secs(5));
    /// let error = runtime.block_on(wait).unwrap().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    /// assert_eq!(runtime.clock().now(), Duration::from_secs(5)); // in no time
    /// ```
    pub fn within(mut self, time: Duration) -> Self {
        self.limit = Some(Box::new(Limit::new(time)));
        self
    }
}

impl<S: Send + Sync + 'static, T: Task<S>, F> Unpin for Run<'_, S, T, F> {}

impl<S: Send + Sync + 'static, T: Task<S>, F> Future for Run<'_, S, T, F> {
    type Output = Result<T::Output, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { call, limit, .. } = &mut *self;
        if let Some(limit) = limit {
            limit.check(call)?;
        }
        if let Poll::Ready(outcome) = call.poll(cx.waker(), Caller::Alone(cx.waker())) {
            return Poll::Ready(outcome);
        }
        match limit {
            Some(limit) => limit.poll(call, cx).map(Err),
            None => Poll::Pending,
        }
    }
}

/// With `futures::select!` and the like: it is terminated once it was ready.
impl<S: Send + Sync + 'static, T: Task<S>, F> FusedFuture for Run<'_, S, T, F> {
    fn is_terminated(&self) -> bool {
        self.call.is_over()
    }
}

impl<S: Send + Sync + 'static, T: Task<S>, F> fmt::Debug for Run<'_, S, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Run");
        debug.field("task", &T::name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::convert::Infallible;
    use core::future::pending;
    use core::task::Waker;

    /// One is ready at once, the others never.
    struct One;

    impl Task<()> for One {
        type Input = u8;
        type Output = ();
        type Error = Infallible;

        async fn run(_: &Ctx, n: u8) -> Result<(), Infallible> {
            match n {
                1 => Ok(()),
                _ => pending().await,
            }
        }
    }

    #[test]
    fn it_is_terminated_once_it_was_ready() {
        let ctx = Ctx::new(());
        for (n, ready) in [(1, true), (2, false)] {
            let mut run = ctx.run(Call::<One, _>::new(n));
            assert!(!run.is_terminated());
            let mut cx = Context::from_waker(Waker::noop());
            assert_eq!(Pin::new(&mut run).poll(&mut cx).is_ready(), ready);
            assert_eq!(run.is_terminated(), ready);
        }
    }
}
