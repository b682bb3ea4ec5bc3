//! The future of a call.
use super::Ctx;
use super::call::{CallFuture, OVER};
use super::detail::Detailed;
use super::terms::Time;
use crate::error::Error;
use crate::notify::Caller;
use crate::task::{Call, Task};
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
    /// Until it was ready, and nothing is left of it: most are ready at once, and have nothing to
    /// drop.
    call: Option<CallFuture<'c, S, T>>,
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
    /// What there is of it besides: while it is not spent.
    pub(super) fn call(&mut self) -> &mut CallFuture<'c, S, T> {
        self.call.as_mut().expect(OVER)
    }

    /// For who may know the time, and did not find it at the first glance.
    pub(super) fn poll_at(
        &mut self,
        time: &Time,
        cx: &Context<'_>,
    ) -> Poll<Result<T::Output, Error>> {
        let waker = cx.waker();
        self.call().poll(time, waker, Caller::Alone(waker))
    }

    /// A call with that input.
    pub(super) fn of(ctx: &'c Ctx<S>, input: T::Input) -> Self {
        Self {
            call: Some(CallFuture::new(ctx, input)),
            _witness: [],
        }
    }

    /// The closure is never called: its type tells the type of the task's future.
    pub(crate) fn new(
        call: CallFuture<'c, S, T>,
        _: impl FnOnce(&'static Ctx<S>, T::Input) -> F,
    ) -> Self {
        Self {
            call: Some(call),
            _witness: [],
        }
    }
}

impl<'c, S: Send + Sync + 'static, T: Task<S>, F> Run<'c, S, T, F> {
    /// Waits no longer than that, from the first poll that has to wait. The run is not bound by
    /// it: it goes on for others that want it.
    ///
    /// If a value is remembered that may be served [where a run
    /// fails](crate::Builder::stale_if_error), the caller gets that when the time is up, and the
    /// executor, if there is one, finishes the run; but who [refreshes](crate::Ctx::refresh) gets the
    /// error.
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
        if let Some(call) = &mut self.call {
            call.limit().hard(time);
        }
        self
    }

    /// Rather than wait longer than that, from the first poll that has to wait, the caller gets
    /// what is remembered, if that is a value that is not [over](crate::Builder::stale_if_error);
    /// if there is none, it waits on. The bound after which it does not is
    /// [`within`](Self::within).
    ///
    /// The executor, if there is one, finishes the run that was waited for, also if nobody else
    /// wants it. Without one, it is dropped with the last caller.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) at once, also for what is
    /// remembered, in a context without a [timer](crate::Builder::timer).
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::testing::Seeded;
    /// # use runce::{Ctx, task};
    /// # use std::time::Duration;
    /// /// Takes ten seconds.
    /// #[task]
    /// async fn rates(bank: &Ctx<Seeded>) -> usize {
    ///     bank.state().clock().sleep(Duration::from_secs(10)).await;
    ///     bank.stats().runs
    /// }
    ///
    /// let runtime = Seeded::new(1);
    /// let ctx = Ctx::builder(runtime.clone())
    ///     .runtime(runtime.clone())
    ///     .ttl(Duration::from_secs(60))
    ///     .stale_if_error(Duration::from_secs(3600))
    ///     .build();
    /// let clock = runtime.clock();
    /// let ask = || {
    ///     let run = ctx.run(rates()).or_stale_after(Duration::from_secs(1));
    ///     runtime.block_on(run).unwrap()
    /// };
    /// assert_eq!(ask()?, 1); // there is nothing else
    /// clock.advance(Duration::from_secs(60));
    /// let asked = clock.now();
    /// assert_eq!(ask()?, 1);
    /// assert_eq!(clock.now() - asked, Duration::from_secs(1));
    /// clock.advance(Duration::from_secs(9));
    /// runtime.run_until_idle();
    /// assert_eq!(ask()?, 2); // which was there by then
    /// # Ok::<(), runce::Error>(())
    /// ```
    pub fn or_stale_after(mut self, time: Duration) -> Self {
        if let Some(call) = &mut self.call {
            call.limit().soft(time);
        }
        self
    }

    /// The value with its age, whether it is stale, and whether this call was answered from
    /// memory, joined a run or started it. To be called last, after [`within`](Self::within) and
    /// the like.
    ///
    /// # Errors
    ///
    /// As without.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::testing::ManualClock;
    /// # use runce::{Ctx, Source, task};
    /// # use std::time::Duration;
    /// #[task]
    /// async fn rate() -> f64 { 1.09 }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let clock = ManualClock::new();
    /// let ctx = Ctx::builder(()).clock(clock.clone()).ttl(Duration::from_secs(60)).build();
    /// let first = ctx.run(rate()).detailed().await?;
    /// assert_eq!((first.value, first.source), (1.09, Source::Ran));
    /// clock.advance(Duration::from_secs(7));
    /// let second = ctx.run(rate()).detailed().await?;
    /// assert_eq!(second.source, Source::Hit);
    /// assert_eq!(second.age, Some(Duration::from_secs(7))); // for an `Age` header, say
    /// assert!(!second.stale);
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn detailed(self) -> Detailed<'c, S, T, F> {
        Detailed::new(self)
    }
}

impl<S: Send + Sync + 'static, T: Task<S>, F> Unpin for Run<'_, S, T, F> {}

impl<S: Send + Sync + 'static, T: Task<S>, F> Future for Run<'_, S, T, F> {
    type Output = Result<T::Output, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let time = Time::default();
        if let Some(call) = &mut self.call {
            if let Some(outcome) = call.at_once(&time) {
                // There is nothing to drop, and no need to look for it.
                core::mem::forget(self.call.take());
                return Poll::Ready(outcome);
            }
        }
        self.poll_at(&time, cx)
    }
}

/// With `futures::select!` and the like: it is terminated once it was ready.
impl<S: Send + Sync + 'static, T: Task<S>, F> FusedFuture for Run<'_, S, T, F> {
    fn is_terminated(&self) -> bool {
        self.call.as_ref().is_none_or(CallFuture::is_over)
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
