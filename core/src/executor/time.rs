//! Time, as a context sees it.
use crate::sync::Arc;
use alloc::boxed::Box;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

/// Tells the time. Nothing in this crate reads it in another way.
///
/// A clock should be monotonic. One that stands still or goes back makes waits longer, and what
/// is over stay longer in memory, served to nobody; and nothing worse.
pub trait Clock: Send + Sync + 'static {
    /// The time since a moment that is the clock's own, such as the start of the process.
    fn now(&self) -> Duration;
}

/// Wakes futures when their time has come. An adapter for a runtime implements this
/// beside [`Executor`](crate::Executor).
///
/// # Examples
///
/// A timer that gives each sleep a thread:
///
/// ```
/// use runce::{Clock, Ctx, Sleep, Timer, task};
/// use std::task::Poll;
/// use std::time::{Duration, Instant};
///
/// struct Threads(Instant);
///
/// impl Clock for Threads {
///     fn now(&self) -> Duration {
///         self.0.elapsed()
///     }
/// }
///
/// impl Timer for Threads {
///     fn sleep(&self, duration: Duration) -> Sleep {
///         let until = Instant::now() + duration;
///         Sleep::new(std::future::poll_fn(move |cx| {
///             let Some(rest) = until.checked_duration_since(Instant::now()) else {
///                 return Poll::Ready(());
///             };
///             let waker = cx.waker().clone();
///             std::thread::spawn(move || {
///                 std::thread::sleep(rest);
///                 waker.wake();
///             });
///             Poll::Pending
///         }))
///     }
/// }
///
/// #[task]
/// async fn never() { std::future::pending().await }
///
/// # fn main() { pollster::block_on(async {
/// let ctx = Ctx::builder(()).timer(Threads(Instant::now())).build();
/// let error = ctx.run(never()).within(Duration::from_millis(1)).await.unwrap_err();
/// assert_eq!(error.kind(), runce::ErrorKind::DeadlineExceeded);
/// # }) }
/// ```
pub trait Timer: Clock {
    /// A future that is ready once so much time has passed from now on.
    fn sleep(&self, duration: Duration) -> Sleep;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Duration {
        (**self).now()
    }
}

impl<T: Timer + ?Sized> Timer for Arc<T> {
    fn sleep(&self, duration: Duration) -> Sleep {
        (**self).sleep(duration)
    }
}

/// What a [`Timer`] makes: a future that is ready when its time has come.
///
/// # Cancel safety
///
/// Dropping it ends the wait, and nothing else.
#[must_use = "futures do nothing unless polled"]
pub struct Sleep(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Sleep {
    /// From a runtime's own future.
    pub fn new(sleep: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Box::pin(sleep))
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").finish_non_exhaustive()
    }
}
