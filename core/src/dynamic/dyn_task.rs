//! Tasks made at run time.
use crate::ctx::Ctx;
use crate::sync::{Arc, share};
use crate::task::{Call, Task};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use core::error::Error as StdError;
use core::fmt;
use core::future::Future;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::pin::Pin;

type Source = Box<dyn StdError + Send + Sync>;
type BoxFuture<'a, O, E> = Pin<Box<dyn Future<Output = Result<O, E>> + Send + 'a>>;

/// A task made at run time, from a closure: of state `S`, input `I` and output `O`.
///
/// It has an identity of its own: two of them never share a run or an outcome, whatever
/// their names, and a context that remembers a call of it keeps the task, so that no
/// later one is taken for it. A clone is the same task.
///
/// Circles through it are found at run time.
///
/// # Examples
///
/// ```
/// use runce::{Ctx, DynTask, Error, task};
///
/// #[task]
/// async fn double(n: u64) -> u64 { 2 * n }
///
/// # fn main() { pollster::block_on(async {
/// let factor = 10; // known at run time only
/// let times = DynTask::new("times", move |ctx: &Ctx, n: u64| {
///     Box::pin(async move { Ok::<_, Error>(factor * ctx.run(double(n)).await?) })
/// });
///
/// let ctx = Ctx::new(());
/// assert_eq!(ctx.run(times.call(2)).await?, 40);
/// let both = ctx.run_parallel((times.call(2), times.call(3))).await?;
/// assert_eq!(both, (40, 60));
/// assert_eq!(ctx.stats().runs, 4); // of `times` and `double`, for 2 and 3
/// # Ok::<(), Error>(()) }).unwrap() }
/// ```
pub struct DynTask<S, I, O>(Arc<Inner<S, I, O>>);

struct Inner<S, I, O> {
    name: Cow<'static, str>,
    work: Arc<dyn Work<S, I, O>>,
    label: Option<Box<WriteLabel<I>>>,
}

type WriteLabel<I> = dyn Fn(&I, &mut fmt::Formatter<'_>) -> fmt::Result + Send + Sync;

impl<S, I, O> DynTask<S, I, O>
where
    S: Send + Sync + 'static,
    I: Hash + Eq + Clone + Send + Sync + 'static,
    O: Clone + Send + Sync + 'static,
{
    /// A new task. What the closure returns is its future, boxed; what the future fails
    /// with is what a [`Task`] may fail with. The bounds on `I` and `O` are those of a
    /// [`Task`] too.
    ///
    /// The future may hold `ctx`, but nothing that the closure holds: clone that into
    /// the future.
    #[must_use]
    pub fn new<F, E>(name: impl Into<Cow<'static, str>>, work: F) -> Self
    where
        F: for<'a> Fn(&'a Ctx<S>, I) -> Pin<Box<dyn Future<Output = Result<O, E>> + Send + 'a>>
            + Send
            + Sync
            + 'static,
        E: Into<Box<dyn StdError + Send + Sync>> + Send + 'static,
    {
        Self(Arc::new(Inner {
            name: name.into(),
            work: share!(Worker(work, PhantomData) => dyn Work<S, I, O>),
            label: None,
        }))
    }

    /// A task that does the same, and whose calls are written like that for people: see
    /// [`Task::label`]. Without it they are the name alone, since an input may be
    /// secret. It is a task of its own, not the one that it was made from.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, DynTask};
    /// let half = DynTask::new("half", |_: &Ctx, n: u64| {
    ///     Box::pin(async move { if n % 2 == 0 { Ok(n / 2) } else { Err("it is odd") } })
    /// });
    /// let half = half.label(|n, f| write!(f, "half({n})"));
    /// # pollster::block_on(async {
    /// let error = Ctx::new(()).run(half.call(7)).await.unwrap_err();
    /// assert_eq!(format!("{error:#}"), "task `half(7)` failed: it is odd");
    /// # })
    /// ```
    #[must_use]
    pub fn label<F>(self, label: F) -> Self
    where
        F: Fn(&I, &mut fmt::Formatter<'_>) -> fmt::Result + Send + Sync + 'static,
    {
        Self(Arc::new(Inner {
            name: self.0.name.clone(),
            work: self.0.work.clone(),
            label: Some(Box::new(label)),
        }))
    }

    /// A call of the task: like any other call it can be run, alone and in groups, erased,
    /// peeked at and invalidated. It holds the task.
    pub fn call(&self, input: I) -> Call<Self, DynInput<S, I, O>> {
        Call::new(DynInput {
            task: self.clone(),
            input,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }
}

/// The input of a [`DynTask`]'s call: what it was given, and the task itself. Made by
/// [`DynTask::call`]; its name is of use where the type of a call has to be written.
///
/// # Examples
///
/// ```
/// use runce::{Call, DynInput, DynTask};
///
/// /// A call that waits for its turn.
/// type Waiting = Call<DynTask<(), u64, u64>, DynInput<(), u64, u64>>;
///
/// fn enqueue(queue: &mut Vec<Waiting>, task: &DynTask<(), u64, u64>) {
///     queue.extend((0..3).map(|n| task.call(n)));
/// }
/// # let _ = enqueue;
/// ```
pub struct DynInput<S, I, O> {
    pub(super) task: DynTask<S, I, O>,
    input: I,
}

/// The closure, whatever it fails with.
trait Work<S, I, O>: Send + Sync {
    fn start<'a>(&self, ctx: &'a Ctx<S>, input: I) -> BoxFuture<'a, O, Source>;
}

struct Worker<F, E>(F, PhantomData<fn() -> E>);

impl<S, I, O, F, E> Work<S, I, O> for Worker<F, E>
where
    O: 'static,
    F: for<'a> Fn(&'a Ctx<S>, I) -> BoxFuture<'a, O, E> + Send + Sync,
    E: Into<Source> + 'static,
{
    fn start<'a>(&self, ctx: &'a Ctx<S>, input: I) -> BoxFuture<'a, O, Source> {
        let work = (self.0)(ctx, input);
        Box::pin(async move { work.await.map_err(Into::into) })
    }
}

impl<S, I, O> Task<S> for DynTask<S, I, O>
where
    S: Send + Sync + 'static,
    I: Hash + Eq + Clone + Send + Sync + 'static,
    O: Clone + Send + Sync + 'static,
{
    type Input = DynInput<S, I, O>;
    type Output = O;
    type Error = Box<dyn StdError + Send + Sync>;

    fn run(
        ctx: &Ctx<S>,
        input: Self::Input,
    ) -> impl Future<Output = Result<O, Self::Error>> + Send {
        input.task.0.work.start(ctx, input.input)
    }

    fn label(input: &Self::Input, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let task = &input.task.0;
        match &task.label {
            Some(label) => label(&input.input, f),
            None => f.write_str(&task.name),
        }
    }
}

impl<S, I, O> PartialEq for DynTask<S, I, O> {
    /// Is it the same task? Whatever the names.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<S, I, O> Eq for DynTask<S, I, O> {}

impl<S, I, O> Clone for DynTask<S, I, O> {
    /// The same task.
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S, I, O> fmt::Debug for DynTask<S, I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DynTask").field(&self.0.name).finish()
    }
}

impl<S, I: Clone, O> Clone for DynInput<S, I, O> {
    fn clone(&self) -> Self {
        Self {
            task: self.task.clone(),
            input: self.input.clone(),
        }
    }
}

/// The input's own `Eq` is asked within one task only.
impl<S, I: PartialEq, O> PartialEq for DynInput<S, I, O> {
    fn eq(&self, other: &Self) -> bool {
        self.task == other.task && self.input == other.input
    }
}

impl<S, I: Eq, O> Eq for DynInput<S, I, O> {}

impl<S, I: Hash, O> Hash for DynInput<S, I, O> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.task.0).hash(state);
        self.input.hash(state);
    }
}

impl<S, I: fmt::Debug, O> fmt::Debug for DynInput<S, I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple(&self.task.0.name).field(&self.input).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A context compares inputs only where hashes are the same, so this is seen here.
    #[test]
    fn law_identity_inputs_of_two_tasks_are_not_equal() {
        let task = || {
            DynTask::new("same", |_: &Ctx, n: u64| {
                Box::pin(async move { Ok::<_, crate::Error>(n) })
            })
        };
        let (first, second) = (task(), task());
        let input = |task: &DynTask<_, _, _>, n| task.call(n).input;
        assert!(input(&first, 1) == input(&first.clone(), 1));
        assert!(input(&first, 1) != input(&first, 2));
        assert!(input(&first, 1) != input(&second, 1));
    }
}
