//! What can be a member of a group.
use super::sealed;
use crate::ctx::{self, Ctx};
use crate::drive::Crew;
use crate::error::Error;
use crate::notify::Caller;
use crate::sync::Arc;
use crate::task::{Call, Task};
use alloc::boxed::Box;
use core::cell::OnceCell;
use core::task::{Poll, Waker};

/// A member of a group of calls: a [`Call`], an [`ErasedCall`](crate::ErasedCall), or an
/// `Option` of one, whose output is an `Option`: `None` runs nothing and is done at
/// once. Implemented here only.
///
/// # Examples
///
/// ```
/// use runce::{Ctx, Error, Member, task};
///
/// #[task]
/// async fn double(n: u64) -> u64 { 2 * n }
///
/// async fn sum(
///     ctx: &Ctx,
///     calls: impl IntoIterator<Item: Member<(), Output = u64>>,
/// ) -> Result<u64, Error> {
///     Ok(ctx.run_each(calls).await?.into_iter().sum())
/// }
///
/// # fn main() { pollster::block_on(async {
/// let ctx = Ctx::new(());
/// assert_eq!(sum(&ctx, [1, 2, 3].map(double)).await?, 12);
/// assert_eq!(sum(&ctx, [double(4).erase()]).await?, 8);
/// # Ok::<(), Error>(()) }).unwrap() }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no call of a task that runs in a `Ctx<{S}>`",
    note = "a member of a group is a call, an `Option` of one, or an `ErasedCall`"
)]
pub trait Member<S: Send + Sync + 'static>: sealed::Member<S> {
    /// What it comes to if all goes well.
    type Output: Send;

    /// Is there anything to run?
    #[doc(hidden)]
    fn runs(&self) -> bool;

    /// `apart`: to be started by the executor, if there is one and the run is fresh.
    #[doc(hidden)]
    fn go(self, ctx: &Ctx<S>, apart: bool) -> impl Going<Output = Self::Output> + Send;

    /// Of no size. Contains the futures of the tasks that it runs, for rustc to see who
    /// calls whom.
    #[doc(hidden)]
    fn witness() -> impl Send;
}

/// A member under way. Not polled again once it is ready.
pub trait Going {
    type Output;

    /// Is it to be started by the executor?
    fn is_apart(&self) -> bool;

    fn poll(&mut self, turn: Turn<'_>) -> Poll<Result<Self::Output, Error>>;
}

/// A poll of it.
#[derive(Clone, Copy)]
pub struct Turn<'a> {
    /// That of the poll.
    pub(crate) waker: &'a Waker,
    /// Whom to wake.
    pub(crate) caller: Caller<'a>,
    /// Who begins what is apart.
    pub(crate) crew: Option<&'a OnceCell<Arc<Crew>>>,
}

impl<S, T: Task<S>> sealed::Member<S> for Call<T, T::Input> {}
impl<S: Send + Sync + 'static, T: Task<S>> Member<S> for Call<T, T::Input> {
    type Output = T::Output;

    fn runs(&self) -> bool {
        true
    }

    fn go(self, ctx: &Ctx<S>, apart: bool) -> impl Going<Output = Self::Output> + Send {
        let member: ctx::CallFuture<'_, S, T> = ctx::CallFuture::new(ctx, self.input);
        if apart { member.apart() } else { member }
    }

    #[cfg(feature = "compile-time-cycles")]
    fn witness() -> impl Send {
        array(|ctx: &'static Ctx<S>, input| T::run(ctx, input))
    }

    #[cfg(not(feature = "compile-time-cycles"))]
    fn witness() -> impl Send {}
}

/// The closure is never called: its type tells the type of the task's future.
#[cfg(feature = "compile-time-cycles")]
fn array<S: 'static, I, F>(_: impl FnOnce(&'static Ctx<S>, I) -> F) -> [F; 0] {
    []
}

impl<S: Send + Sync + 'static, T: Task<S>> Going for ctx::CallFuture<'_, S, T> {
    type Output = T::Output;

    fn is_apart(&self) -> bool {
        self.is_apart()
    }

    fn poll(&mut self, turn: Turn<'_>) -> Poll<Result<T::Output, Error>> {
        let polled = self.poll(&ctx::Time::default(), turn.waker, turn.caller);
        if let (Some(crew), Some(run)) = (turn.crew, self.take_fresh()) {
            let crew = crew.get_or_init(|| Crew::new(run.host.clone()));
            Crew::add(crew, run);
        }
        polled
    }
}

impl<S: Send + Sync + 'static, M: Member<S>> sealed::Member<S> for Option<M> {}
impl<S: Send + Sync + 'static, M: Member<S>> Member<S> for Option<M> {
    type Output = Option<M::Output>;

    fn runs(&self) -> bool {
        self.as_ref().is_some_and(M::runs)
    }

    fn go(self, ctx: &Ctx<S>, apart: bool) -> impl Going<Output = Self::Output> + Send {
        self.map(|member| member.go(ctx, apart))
    }

    fn witness() -> impl Send {
        M::witness()
    }
}

impl<G: Going> Going for Option<G> {
    type Output = Option<G::Output>;

    fn is_apart(&self) -> bool {
        self.as_ref().is_some_and(G::is_apart)
    }

    fn poll(&mut self, turn: Turn<'_>) -> Poll<Result<Self::Output, Error>> {
        match self {
            Some(going) => going.poll(turn).map_ok(Some),
            None => Poll::Ready(Ok(None)),
        }
    }
}

impl<G: Going + ?Sized> Going for Box<G> {
    type Output = G::Output;

    fn is_apart(&self) -> bool {
        (**self).is_apart()
    }

    fn poll(&mut self, turn: Turn<'_>) -> Poll<Result<G::Output, Error>> {
        (**self).poll(turn)
    }
}
