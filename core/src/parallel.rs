//! Groups of calls: all at once, on as many threads as there are.
use crate::ctx::Ctx;
use crate::error::Error;
use alloc::vec::Vec;
use core::future::Future;

mod group;
mod lists;
mod member;

use group::{Join, Settle};
pub use member::Member;
pub(crate) use member::{Going, Turn};

/// A group of calls: a tuple of 2 to 12 [`Member`]s of whatever kinds, or an array or a
/// `Vec` of members of one kind. Implemented here only.
///
/// # Examples
///
/// For functions over whatever group:
///
/// ```
/// use runce::{Calls, Ctx, Error, task};
///
/// #[task]
/// async fn double(n: u64) -> u64 { 2 * n }
///
/// /// Also says how many runs it took.
/// async fn counted<C: Calls<()>>(ctx: &Ctx, calls: C) -> Result<(C::Outputs, usize), Error> {
///     let outputs = ctx.run_parallel(calls).await?;
///     Ok((outputs, ctx.stats().runs))
/// }
///
/// # fn main() { pollster::block_on(async {
/// let ctx = Ctx::new(());
/// assert_eq!(counted(&ctx, [double(1), double(1)]).await?, ([2, 2], 1));
/// assert_eq!(counted(&ctx, (double(1), double(2))).await?, ((2, 4), 2));
/// # Ok::<(), Error>(()) }).unwrap() }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no group of calls in a `Ctx<{S}>`",
    note = "a group is a tuple of 2 to 12 members, or an array or a `Vec` of one kind of them",
    note = "a member is a call, an `Option` of one, or an `ErasedCall`",
    note = "for an iterator of calls there is `run_each`; or collect it into a `Vec`"
)]
pub trait Calls<S: Send + Sync + 'static>: sealed::Calls<S> {
    /// All outputs, in the order of the calls.
    type Outputs;
    /// All outcomes, in the order of the calls: `Result`s.
    type Outcomes;

    #[doc(hidden)]
    fn places(
        self,
        ctx: &Ctx<S>,
    ) -> impl group::Places<Outputs = Self::Outputs, Outcomes = Self::Outcomes> + Send;

    #[doc(hidden)]
    fn witness() -> impl Send;
}

pub(crate) mod sealed {
    pub trait Calls<S> {}
    pub trait Member<S> {}
}

impl<S: Send + Sync + 'static> Ctx<S> {
    /// Runs a group of calls at the same time: all outputs, or the first error. Equal
    /// calls of a group are run once.
    ///
    /// With an executor the group runs on as many threads as that has; without one,
    /// concurrently on the caller's. Nothing is run before the future is polled.
    ///
    /// # Errors
    ///
    /// The first error in order of time. The interest in the other calls is then
    /// withdrawn, as if their futures were dropped.
    ///
    /// # Panics
    ///
    /// When the future is polled after it was ready.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future withdraws the interest in all of the calls.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// #[task]
    /// async fn double(n: u64) -> u64 { 2 * n }
    /// #[task]
    /// async fn name(n: u64) -> String { format!("number {n}") }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let ctx = Ctx::new(());
    /// let (eight, four) = ctx.run_parallel((double(4), name(4))).await?;
    /// assert_eq!((eight, &*four), (8, "number 4"));
    ///
    /// // A call that may not be needed.
    /// let wanted: Option<u64> = None;
    /// let (two, none) = ctx.run_parallel((double(1), wanted.map(name))).await?;
    /// assert_eq!((two, none), (2, None));
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn run_parallel<C: Calls<S>>(
        &self,
        calls: C,
    ) -> impl Future<Output = Result<C::Outputs, Error>> + Send + use<'_, S, C> {
        Join::new(calls.places(self), C::witness())
    }

    /// The same for whatever iterates over calls of one kind. The calls are collected
    /// here and now; nothing is run before the future is polled.
    ///
    /// # Errors
    ///
    /// As [`run_parallel`](Self::run_parallel).
    ///
    /// # Panics
    ///
    /// When the iterator does, or when the future is polled after it was ready.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future withdraws the interest in all of the calls.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// # #[task]
    /// # async fn double(n: u64) -> u64 { 2 * n }
    /// # fn main() { pollster::block_on(async {
    /// let ctx = Ctx::new(());
    /// assert_eq!(ctx.run_each((1..4).map(double)).await?, [2, 4, 6]);
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    #[allow(clippy::type_complexity)]
    pub fn run_each<I>(
        &self,
        calls: I,
    ) -> impl Future<Output = Result<Vec<<I::Item as Member<S>>::Output>, Error>> + Send + use<'_, S, I>
    where
        I: IntoIterator<Item: Member<S>>,
    {
        Join::new(lists::places(calls, self), Vec::<I::Item>::witness())
    }

    /// Runs a group of calls at the same time, to the end of each: a tuple, an array or
    /// a `Vec` of `Result`s. Equal calls of a group are run once.
    ///
    /// When the context is cancelled, each call that is not over says so. Nothing is run
    /// before the future is polled.
    ///
    /// # Panics
    ///
    /// When the future is polled after it was ready.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future withdraws the interest in all of the calls, and loses the
    /// outcomes that are there; the context remembers them.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// #[task]
    /// async fn half(n: u64) -> Result<u64, String> {
    ///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
    /// }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let ctx = Ctx::new(());
    /// let (four, seven) = ctx.run_settled((half(4), half(7))).await;
    /// assert_eq!(four?, 2);
    /// assert_eq!(format!("{:#}", seven.unwrap_err()), "task `half(7)` failed: 7 is odd");
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn run_settled<C: Calls<S>>(
        &self,
        calls: C,
    ) -> impl Future<Output = C::Outcomes> + Send + use<'_, S, C> {
        Settle::new(calls.places(self), C::witness())
    }
}
