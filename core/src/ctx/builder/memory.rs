//! Settings about what is remembered, and how much of it.
use super::Builder;
use crate::error::Error;
use crate::task::{Outcome, Retention};
use alloc::boxed::Box;

impl<S: Send + Sync + 'static, X, T> Builder<S, X, T> {
    /// At most so many outcomes are remembered; or so much in all, where tasks
    /// [weigh](crate::Task::weight) theirs. What is asked for least has to go, so that what is
    /// asked for once does not drive out what is asked for often: queues as in S3-FIFO (Yang et
    /// al., SOSP 2023), decided by counts as in TinyLFU (Einziger et al., ACM TOS 2017).
    ///
    /// Runs in flight come on top, and are never evicted. An outcome that weighs more than all
    /// there may be goes to its callers, and is not remembered.
    ///
    /// Each hit counts, so it takes the context's lock: where there is no capacity, what is asked for
    /// often is found without one. Threads that hit all the time wait for each other there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// #[task]
    /// async fn square(n: u64) -> u64 { n * n }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let ctx = Ctx::builder(()).capacity(100).build();
    /// for n in 0..1_000 {
    ///     ctx.run(square(n)).await?;
    /// }
    /// assert_eq!((ctx.len(), ctx.stats().evicted), (100, 900));
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn capacity(mut self, weight: usize) -> Self {
        self.options.terms().capacity = Some(weight);
        self
    }

    /// Errors for which `forget` says so go to those who wait for them, and are not remembered:
    /// later callers start anew; but what a task decides about [its own](crate::Task::retention)
    /// goes before it. If it panics, the error is not remembered.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// # use std::io::{Error, ErrorKind};
    /// #[task]
    /// async fn page() -> Result<String, Error> { Err(ErrorKind::ConnectionReset.into()) }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let ctx = Ctx::builder(())
    ///     .forget_errors(|error| error.find::<Error>().is_some())
    ///     .build();
    /// ctx.run(page()).await.unwrap_err();
    /// ctx.run(page()).await.unwrap_err();
    /// assert_eq!(ctx.stats().runs, 2);
    /// # }) }
    /// ```
    pub fn forget_errors(
        mut self,
        forget: impl Fn(&Error) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.options.terms().forget_errors = Some(Box::new(forget));
        self
    }

    /// How long outcomes are remembered, decided one by one. It goes before
    /// [`ttl`](Builder::ttl) and [`error_ttl`](Builder::error_ttl), which hold where it says
    /// `None`; what tasks say of [their own](crate::Task::retention) goes before it. It is
    /// given no values, since they are of many types. If it panics, nothing is remembered.
    ///
    /// In a context without a clock (there is one with `std`), what is to be remembered for a
    /// time is not remembered at all.
    ///
    /// # Examples
    ///
    /// ```
    /// use runce::{Ctx, Outcome, Retention};
    /// use std::time::Duration;
    ///
    /// let ctx = Ctx::builder(())
    ///     .retention(|outcome| match outcome {
    ///         Outcome::Error(error) if error.find::<std::io::Error>().is_some() => {
    ///             Some(Retention::For(Duration::from_secs(1)))
    ///         }
    ///         Outcome::Panicked => Some(Retention::CallersOnly),
    ///         _ => None,
    ///     })
    ///     .build();
    /// # let _ = ctx;
    /// ```
    pub fn retention(
        mut self,
        decide: impl Fn(Outcome<'_, (), Error>) -> Option<Retention> + Send + Sync + 'static,
    ) -> Self {
        self.options.terms().retention = Some(Box::new(decide));
        self
    }
}
