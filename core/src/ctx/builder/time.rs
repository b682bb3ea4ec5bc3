//! Settings about time: what it is read from, and what is bounded by it.
use super::{Builder, NoExecutor, NoTimer, WithClock, WithExecutor, WithTimer};
use crate::executor::{Clock, Executor, Timer};
use crate::sync::share;
use core::time::Duration;

/// In the type of a [`Builder`]: [`WithClock`] or [`WithTimer`]. Implemented by nothing else.
#[diagnostic::on_unimplemented(
    message = "what depends on a TTL needs something that tells the time",
    note = "call `.ttl(…)`, `.clock(…)`, `.timer(…)` or `.runtime(…)` before it"
)]
pub trait Timed: sealed::Sealed {}

impl Timed for WithClock {}
impl Timed for WithTimer {}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::WithClock {}
    impl Sealed for super::WithTimer {}
}

impl<S: Send + Sync + 'static, X> Builder<S, X, NoTimer> {
    /// Waits can be bounded in time: [`Run::within`](crate::Run::within); and so can
    /// [runs](Builder::limit), and what is [remembered](Builder::ttl). With an executor as well,
    /// so can the context: [`deadline`](Builder::deadline).
    pub fn timer(mut self, timer: impl Timer) -> Builder<S, X, WithTimer> {
        self.options.terms().timer = Some(share!(timer => dyn Timer));
        self.with()
    }

    /// How long outcomes are remembered is told by that clock. With `std` it is a
    /// [`MonotonicClock`](crate::MonotonicClock) if not set.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// # use runce::testing::ManualClock;
    /// # use std::time::Duration;
    /// #[task]
    /// async fn rate() -> f64 { 1.09 }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let clock = ManualClock::new();
    /// let ctx = Ctx::builder(()).clock(clock.clone()).ttl(Duration::from_secs(300)).build();
    /// ctx.run(rate()).await?;
    /// clock.advance(Duration::from_secs(299));
    /// ctx.run(rate()).await?;
    /// assert_eq!(ctx.stats().runs, 1);
    /// clock.advance(Duration::from_secs(1));
    /// ctx.run(rate()).await?;
    /// assert_eq!(ctx.stats().runs, 2);
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn clock(mut self, clock: impl Clock) -> Builder<S, X, WithClock> {
        self.options.terms().clock = Some(share!(clock => dyn Clock));
        self.with()
    }

    /// The same as with a [clock](Builder::clock), by that of the operating system; if a
    /// [timer](Builder::timer) or a runtime follows, by that one's.
    #[cfg(feature = "std")]
    pub fn ttl(self, time: Duration) -> Builder<S, X, WithClock> {
        let mut builder = self.with();
        builder.options.terms().ttl = unless_zero(time);
        builder
    }
}

impl<S: Send + Sync + 'static, X> Builder<S, X, WithClock> {
    /// In the place of the clock: see [above](Builder::timer). A [clock](Builder::clock) that was
    /// given goes on telling how long outcomes are remembered.
    pub fn timer(mut self, timer: impl Timer) -> Builder<S, X, WithTimer> {
        self.options.terms().timer = Some(share!(timer => dyn Timer));
        self.with()
    }
}

impl<S: Send + Sync + 'static> Builder<S, NoExecutor, WithClock> {
    /// An executor and a timer in one, as [above](Builder::runtime). A [clock](Builder::clock) that
    /// was given goes on telling how long outcomes are remembered.
    pub fn runtime(
        self,
        runtime: impl Executor + Timer + Clone,
    ) -> Builder<S, WithExecutor, WithTimer> {
        self.executor(runtime.clone()).timer(runtime)
    }
}

impl<S: Send + Sync + 'static, X> Builder<S, X, WithTimer> {
    /// How long outcomes are remembered is told by that clock, and not by the timer's: a
    /// [cheaper](crate::CoarseClock) one, say.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.options.terms().clock = Some(share!(clock => dyn Clock));
        self
    }

    /// A run that takes longer is dropped, and its callers get
    /// [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut), which is not remembered: an
    /// upstream that hangs keeps nobody waiting for ever. A task may have a limit of its own:
    /// [`Task::limit`](crate::Task::limit).
    ///
    /// It counts from when the run first has to wait. Work that [blocks](crate::blocking) its
    /// thread cannot be interrupted: it goes on there for nobody, and a new run may begin
    /// beside it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::testing::Seeded;
    /// # use runce::{Ctx, ErrorKind, task};
    /// # use std::time::Duration;
    /// #[task]
    /// async fn hangs() { std::future::pending().await }
    ///
    /// let runtime = Seeded::new(1);
    /// let ctx = Ctx::builder(())
    ///     .runtime(runtime.clone())
    ///     .limit(Duration::from_secs(30))
    ///     .build();
    /// let error = runtime.block_on(ctx.run(hangs())).unwrap().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::TimedOut);
    /// assert!(ctx.is_empty());
    /// ```
    pub fn limit(mut self, time: Duration) -> Self {
        self.options.terms().limit = Some(time);
        self
    }
}

impl<S: Send + Sync + 'static, X, T: Timed> Builder<S, X, T> {
    /// Outcomes are remembered for that long, from when their run was over; later callers
    /// start anew. Zero: as long as the context. (For a [`Retention`](crate::Retention) zero
    /// means not at all.)
    ///
    /// A run in flight never expires, however long it takes. Errors are kept as values are:
    /// see [`error_ttl`](Builder::error_ttl) and [`forget_errors`](Builder::forget_errors). A
    /// task may have its own: [`Task::retention`](crate::Task::retention).
    ///
    /// What has expired is removed bit by bit, by later calls: see
    /// [`len`](crate::Ctx::len).
    pub fn ttl(mut self, time: Duration) -> Self {
        self.options.terms().ttl = unless_zero(time);
        self
    }

    /// Errors and panics are remembered for that long, and not for as long as values. Zero:
    /// for as long as values; to remember none, see [`forget_errors`](Builder::forget_errors).
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// # use runce::testing::ManualClock;
    /// # use std::time::Duration;
    /// #[task]
    /// async fn rate() -> Result<f64, &'static str> { Err("no connection") }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let clock = ManualClock::new();
    /// let ctx = Ctx::builder(())
    ///     .clock(clock.clone())
    ///     .ttl(Duration::from_secs(300))
    ///     .error_ttl(Duration::from_secs(5))
    ///     .build();
    /// ctx.run(rate()).await.unwrap_err();
    /// ctx.run(rate()).await.unwrap_err(); // nobody is asked
    /// clock.advance(Duration::from_secs(5));
    /// ctx.run(rate()).await.unwrap_err();
    /// assert_eq!(ctx.stats().runs, 2);
    /// # }) }
    /// ```
    pub fn error_ttl(mut self, time: Duration) -> Self {
        self.options.terms().error_ttl = unless_zero(time);
        self
    }
}

impl<S: Send + Sync + 'static> Builder<S, WithExecutor, WithTimer> {
    /// For a context with a [runtime](Builder::runtime), or an executor and a timer.
    ///
    /// So long after it was built nobody waits in the context any more: calls that are not
    /// over, and those that would begin a run, get
    /// [`ErrorKind::DeadlineExceeded`](crate::ErrorKind::DeadlineExceeded), and runs in flight
    /// are dropped. What is remembered by then is still served.
    ///
    /// The executor keeps the deadline: where that is shut down, it passes unnoticed. A timer
    /// that panics when it is asked (tokio's, in a runtime that has none) counts as a deadline
    /// that has passed.
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
    /// let ctx = Ctx::builder(())
    ///     .runtime(runtime.clone())
    ///     .deadline(Duration::from_secs(30))
    ///     .build();
    /// let outcome = runtime.block_on(ctx.run(never())).unwrap();
    /// assert_eq!(outcome.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    /// ```
    pub fn deadline(mut self, after: Duration) -> Self {
        self.options.terms().deadline_after = Some(after);
        self
    }
}

fn unless_zero(time: Duration) -> Option<Duration> {
    (time > Duration::ZERO).then_some(time)
}
