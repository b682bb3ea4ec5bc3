//! Calls without the type of their task.
use crate::ctx::Ctx;
use crate::error::{Error, Label};
use crate::notify::Caller;
use crate::parallel::{Going, Member, Turn, sealed};
use crate::task::{Call, Task};
use alloc::boxed::Box;
use core::fmt;
use core::future::{Future, poll_fn};
use core::task::{Poll, ready};

/// A call of whatever task with that output, made by [`Call::erase`].
///
/// Different calls then fit one `Vec`. It is the same call all the same: it shares its
/// run and what is remembered with the one that was not erased. Like a
/// [`Call`](crate::Call) it is inert until a context runs it, in a group or alone by
/// [`Ctx::run_erased`]. It costs an allocation when it is made, and one when it runs.
///
/// The compiler does not see which task it calls: circles through erased calls are
/// found at run time.
///
/// # Examples
///
/// ```
/// use runce::{Ctx, ErasedCall, task};
///
/// #[task]
/// async fn name(id: u64) -> String { format!("user {id}") }
/// #[task]
/// async fn age(id: u64) -> u64 { 30 + id }
///
/// # fn main() { pollster::block_on(async {
/// let ctx = Ctx::new(());
/// let calls: Vec<ErasedCall<(), String>> = vec![
///     name(7).erase(),
///     age(7).erase().map(|years| format!("{years} years")),
/// ];
/// assert_eq!(ctx.run_parallel(calls).await?, ["user 7", "37 years"]);
/// # Ok::<(), runce::Error>(()) }).unwrap() }
/// ```
#[must_use = "a call does nothing until a context runs it"]
pub struct ErasedCall<S, O> {
    call: Box<dyn Erased<S, O>>,
}

/// What is left of a call's type.
trait Erased<S, O>: Send {
    fn go<'c>(self: Box<Self>, ctx: &'c Ctx<S>, apart: bool) -> BoxGoing<'c, O>;
    /// Foreign.
    fn label(&self) -> Box<str>;
}

type BoxGoing<'c, O> = Box<dyn Going<Output = O> + Send + 'c>;

impl<T, I: 'static> Call<T, I> {
    /// Forgets which task it calls. For lists of different calls: [`ErasedCall`], which has
    /// an example.
    pub fn erase<S>(self) -> ErasedCall<S, T::Output>
    where
        S: Send + Sync + 'static,
        T: Task<S, Input = I>,
    {
        ErasedCall {
            call: Box::new(self),
        }
    }
}

impl<S: Send + Sync + 'static, T: Task<S>> Erased<S, T::Output> for Call<T, T::Input> {
    fn go<'c>(self: Box<Self>, ctx: &'c Ctx<S>, apart: bool) -> BoxGoing<'c, T::Output> {
        Box::new(Member::go(*self, ctx, apart))
    }

    fn label(&self) -> Box<str> {
        Label(T::label).of(&self.input)
    }
}

impl<S: Send + Sync + 'static, O: Send + 'static> ErasedCall<S, O> {
    /// Makes something else of the output. What the context remembers stays the task's
    /// own output; `map` runs for this caller alone, and not if the call fails.
    ///
    /// # Panics
    ///
    /// If `map` panics, so does the future that runs the call, when it is polled.
    pub fn map<P: Send + 'static>(
        self,
        map: impl FnOnce(O) -> P + Send + 'static,
    ) -> ErasedCall<S, P> {
        ErasedCall {
            call: Box::new(Mapped {
                call: self.call,
                map: Some(map),
            }),
        }
    }
}

/// A call, or a run of it, and what is to be made of its output.
struct Mapped<C, F> {
    call: C,
    map: Option<F>,
}

impl<S, O, P, F> Erased<S, P> for Mapped<Box<dyn Erased<S, O>>, F>
where
    S: Send + Sync + 'static,
    O: Send + 'static,
    P: Send + 'static,
    F: FnOnce(O) -> P + Send + 'static,
{
    fn go<'c>(self: Box<Self>, ctx: &'c Ctx<S>, apart: bool) -> BoxGoing<'c, P> {
        Box::new(Mapped {
            call: self.call.go(ctx, apart),
            map: self.map,
        })
    }

    fn label(&self) -> Box<str> {
        self.call.label()
    }
}

impl<O, P, F: FnOnce(O) -> P> Going for Mapped<BoxGoing<'_, O>, F> {
    type Output = P;

    fn is_apart(&self) -> bool {
        self.call.is_apart()
    }

    fn poll(&mut self, turn: Turn<'_>) -> Poll<Result<P, Error>> {
        let outcome = ready!(self.call.poll(turn));
        let map = self.map.take().expect("not polled after it was ready");
        Poll::Ready(outcome.map(map))
    }
}

impl<S: Send + Sync + 'static, O: Send> sealed::Member<S> for ErasedCall<S, O> {}
impl<S: Send + Sync + 'static, O: Send> Member<S> for ErasedCall<S, O> {
    type Output = O;

    fn runs(&self) -> bool {
        true
    }

    fn go(self, ctx: &Ctx<S>, apart: bool) -> impl Going<Output = O> + Send {
        self.call.go(ctx, apart)
    }

    fn witness() -> impl Send {}
}

impl<S: Send + Sync + 'static> Ctx<S> {
    /// Runs an erased call: see [`Ctx::run`]. Nothing happens before the future is polled.
    ///
    /// # Errors
    ///
    /// As [`Ctx::run`].
    ///
    /// # Panics
    ///
    /// When the future is polled after it was ready.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future withdraws this caller's interest, no more.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// #[task]
    /// async fn double(n: u64) -> u64 { 2 * n }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let ctx = Ctx::new(());
    /// let call = double(4).erase();
    /// assert_eq!(format!("{call:?}"), "ErasedCall(double(4))");
    /// assert_eq!(ctx.run_erased(call).await?, 8);
    /// assert_eq!(ctx.run(double(4)).await?, 8);
    /// assert_eq!(ctx.stats().runs, 1);
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn run_erased<O: Send>(
        &self,
        call: ErasedCall<S, O>,
    ) -> impl Future<Output = Result<O, Error>> + Send + use<'_, S, O> {
        let mut run = call.call.go(self, false);
        poll_fn(move |cx| {
            let waker = cx.waker();
            let caller = Caller::Alone(waker);
            run.poll(Turn {
                waker,
                caller,
                crew: None,
            })
        })
    }
}

impl<S, O> fmt::Debug for ErasedCall<S, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ErasedCall({})", self.call.label())
    }
}
