//! Tasks, and calls of them.
mod concurrency;
mod retention;

use crate::ctx::Ctx;
use alloc::boxed::Box;
use core::error::Error as StdError;
use core::fmt;
use core::future::Future;
use core::hash::Hash;
use core::marker::PhantomData;
use core::time::Duration;

pub use concurrency::Concurrency;
pub use retention::{Outcome, Retention};

/// A typed async function that a context runs at most once per input.
///
/// The attribute [`#[task]`](crate::task) writes this for a fn; by hand it is a type
/// that stands for the task. Its type is its identity: two tasks never share a run or an
/// outcome, whatever their inputs.
///
/// `S` is the state of the contexts that it runs in; a task that needs none is
/// implemented for every `S`.
///
/// # Examples
///
/// ```
/// use runce::{Call, Ctx, Task};
/// use std::convert::Infallible;
///
/// struct Square;
///
/// impl<S: Send + Sync + 'static> Task<S> for Square {
///     type Input = u64;
///     type Output = u64;
///     type Error = Infallible;
///
///     async fn run(_: &Ctx<S>, n: u64) -> Result<u64, Infallible> {
///         Ok(n * n)
///     }
/// }
///
/// fn square(n: u64) -> Call<Square, u64> {
///     Call::new(n)
/// }
///
/// # fn main() { pollster::block_on(async {
/// let ctx = Ctx::new(());
/// assert_eq!(ctx.run(square(4)).await?, 16);
/// # Ok::<(), runce::Error>(()) }).unwrap() }
/// ```
#[diagnostic::on_unimplemented(
    message = "the task `{Self}` does not run in a `Ctx<{S}>`",
    note = "a task runs in contexts of the state that its `ctx` parameter names; keep a handle of such a context, in the state for instance"
)]
pub trait Task<S>: 'static {
    /// What tells one call of the task from another.
    type Input: Hash + Eq + Clone + Send + Sync + 'static;
    /// What is remembered and handed to every caller: wrap what is large in an `Arc`.
    type Output: Clone + Send + Sync + 'static;
    /// What the task fails with: an error, a string, or
    /// [`Infallible`](core::convert::Infallible) if it cannot fail. One that is a
    /// [`runce::Error`](crate::Error) is passed on as it is.
    type Error: Into<Box<dyn StdError + Send + Sync>> + Send + 'static;

    /// The name of the task, for people.
    #[must_use]
    fn name() -> &'static str {
        last_segment(core::any::type_name::<Self>())
    }

    /// Does the work. `ctx` is the context that it was called in; what it runs there, it
    /// waits for.
    ///
    /// # Errors
    ///
    /// Whatever the task fails with; it is remembered like an output.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped where it waits when the last caller leaves or the context ends.
    fn run(
        ctx: &Ctx<S>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;

    /// How long an outcome is remembered; `None` leaves it to the context. What is never
    /// remembered is not, whatever it says: cancellations, deadlines, limits, full queues and circles, and
    /// errors that go back to them. If it panics, nothing is remembered.
    ///
    /// It is asked before the outcome is published; about [`Outcome::Panicked`], like
    /// [`limit`](Self::limit) and [`concurrency`](Self::concurrency), whenever a call is looked up that
    /// may have to be run.
    #[must_use]
    fn retention(outcome: Outcome<'_, Self::Output, Self::Error>) -> Option<Retention> {
        let _ = outcome;
        None
    }

    /// A run that takes longer is dropped, and its callers get
    /// [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut); `None` leaves it to the context.
    #[must_use]
    fn limit() -> Option<Duration> {
        None
    }

    /// How many runs of the task go on at once in a context, and how many wait for their turn; `None`:
    /// as many as there are. Asked for each run: what was said last holds for all that come after.
    #[must_use]
    fn concurrency() -> Option<Concurrency> {
        None
    }

    /// How much of the context's [capacity](crate::Builder::capacity) a value takes. An error
    /// takes 1.
    #[must_use]
    fn weight(input: &Self::Input, output: &Self::Output) -> usize {
        let _ = (input, output);
        1
    }

    /// Writes a call of the task for people, such as `user(7)`. It is asked for only
    /// when something went wrong, and cut at 64 characters.
    ///
    /// # Errors
    ///
    /// When writing fails.
    fn label(input: &Self::Input, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = input;
        f.write_str(Self::name())
    }
}

fn last_segment(path: &'static str) -> &'static str {
    let plain = path.find('<').map_or(path, |generics| &path[..generics]);
    let start = plain.rfind("::").map_or(0, |colons| colons + 2);
    &path[start..]
}

/// A task bound to its input: inert until a context runs it.
///
/// # Examples
///
/// ```
/// use runce::{Ctx, task};
///
/// #[task]
/// async fn double(n: u64) -> u64 { 2 * n }
///
/// # fn main() { pollster::block_on(async {
/// let call = double(4);
/// assert_eq!(Ctx::new(()).run(call.clone()).await?, 8);
/// assert_eq!(Ctx::new(()).run(call).await?, 8); // in another context, another run
/// # Ok::<(), runce::Error>(()) }).unwrap() }
/// ```
#[must_use = "a call does nothing until a context runs it"]
pub struct Call<T, I> {
    pub(crate) input: I,
    task: PhantomData<fn() -> T>,
}

impl<T, I> Call<T, I> {
    /// Binds task `T` to its input. `#[task]` makes a fn that does it; by hand see [`Task`].
    pub const fn new(input: I) -> Self {
        Self {
            input,
            task: PhantomData,
        }
    }
}

impl<T, I: Clone> Clone for Call<T, I> {
    fn clone(&self) -> Self {
        Self::new(self.input.clone())
    }
}

/// The task's name alone: its input may be secret.
impl<T, I> fmt::Debug for Call<T, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = last_segment(core::any::type_name::<T>());
        let name = name.strip_prefix("__runce_task_").unwrap_or(name);
        f.debug_tuple(name).finish_non_exhaustive()
    }
}
