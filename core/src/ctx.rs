//! The handle of a context, and what it offers.
mod advice;
#[cfg(feature = "std")]
mod block;
mod blocking;
mod builder;
mod by;
mod call;
mod deadline;
mod detail;
mod edit;
mod engine;
mod handle;
mod run;
mod scope;
mod terms;
mod ticket;
mod wait;
mod within;

use crate::entry::{Entry, Flight, Kind, Node};
use crate::error::{Error, Label};
use crate::sync::{AnyArc, Arc};
use crate::table::Key;
use crate::task::Task;
use core::any::TypeId;
use core::fmt;
use core::hash::Hash;
use core::marker::PhantomData;

pub use blocking::blocking;
pub use builder::{Builder, NoExecutor, NoTimer, Timed, WithClock, WithExecutor, WithTimer};
pub use by::RunBy;
pub(crate) use call::CallFuture;
pub use detail::{Detail, Detailed, Source};
pub use engine::Stats;
pub(crate) use engine::{Counts, Engine};
pub(crate) use handle::Handle;
pub use run::Run;
pub use scope::{Cancellation, Cancelled};
pub(crate) use terms::Time;

/// A scope of work, such as a request or a process: in it, each task runs at most
/// once per input.
///
/// `Ctx` is a cheap handle with the application's state `S`. When the last handle is
/// gone, the context is cancelled, and everything in it is dropped.
///
/// A task gets a handle that knows its run. What the task runs with it, it waits for: a
/// call that would close a circle of waits fails with
/// [`ErrorKind::Cycle`](crate::ErrorKind::Cycle). A *clone* of that handle is detached:
/// it may leave the task, and calls through it are calls from outside, in which circles
/// are not seen.
///
/// # Examples
///
/// ```
/// use runce::{Ctx, task};
/// use std::sync::Arc;
///
/// struct App {
///     greeting: String,
/// }
///
/// #[task]
/// async fn greet(ctx: &Ctx<App>, name: String) -> String {
///     format!("{}, {name}!", ctx.state().greeting)
/// }
///
/// # fn main() { pollster::block_on(async {
/// let app = Arc::new(App { greeting: "Hello".to_string() });
/// let ctx = Ctx::shared(app); // one per request
/// assert_eq!(ctx.run(greet("Ada".into())).await?, "Hello, Ada!");
/// assert_eq!(ctx.run(greet("Ada".into())).await?, "Hello, Ada!");
/// assert_eq!(ctx.stats().runs, 1);
/// # Ok::<(), runce::Error>(()) }).unwrap() }
/// ```
pub struct Ctx<S = ()> {
    pub(crate) handle: Handle,
    state: PhantomData<fn() -> S>,
}

impl<S: Send + Sync + 'static> Ctx<S> {
    /// A context with that state, driven by its callers alone.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::Ctx;
    /// let ctx = Ctx::new("the state");
    /// assert_eq!(*ctx.state(), "the state");
    /// ```
    pub fn new(state: S) -> Self {
        Self::builder(state).build()
    }

    /// The same over a state that several contexts share: one per request, say.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::Ctx;
    /// let state = std::sync::Arc::new("the state");
    /// let requests = [Ctx::shared(state.clone()), Ctx::shared(state)];
    /// assert!(std::ptr::eq(requests[0].state(), requests[1].state()));
    /// ```
    pub fn shared(state: Arc<S>) -> Self {
        Self::builder_shared(state).build()
    }

    /// For a context with more than the defaults: see [`Builder`].
    pub fn builder(state: S) -> Builder<S> {
        Builder::new(Arc::new(state))
    }

    /// The same over a state that several contexts share: see [`Builder`].
    pub fn builder_shared(state: Arc<S>) -> Builder<S> {
        Builder::new(state)
    }

    /// Of an engine with a state of that type.
    fn of(engine: Arc<Engine>) -> Self {
        let (handle, state) = (Handle::of(engine), PhantomData);
        Self { handle, state }
    }

    /// The application's state.
    #[must_use]
    pub fn state(&self) -> &S {
        let state = self.handle.engine.state.as_ref().and_then(AnyArc::get);
        state.expect("a handle has the type of its context's state")
    }

    /// Ends the context: drops every run in flight and everything remembered. All calls,
    /// those in progress and later ones, get
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled). Contexts
    /// [within](crate::Builder::parent) it end too.
    ///
    /// A run that is being polled on another thread is dropped when that poll is over;
    /// its callers are told at once.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, ErrorKind, task};
    /// #[task]
    /// async fn seven() -> u64 { 7 }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let ctx = Ctx::new(());
    /// ctx.run(seven()).await?;
    /// ctx.cancel();
    /// assert!(ctx.is_cancelled() && ctx.is_empty());
    /// let error = ctx.run(seven()).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Cancelled);
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn cancel(&self) {
        self.handle.engine.cancel();
    }

    /// Was the context cancelled? By [`cancel`](Self::cancel), or with its
    /// [parent](crate::Builder::parent).
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.handle.engine.table.is_closed()
    }

    #[inline]
    pub(crate) fn key<'a, T: Task<S>>(&self, input: &'a T::Input) -> Key<'a, Of<S, T>, T::Input> {
        self.key_of::<T, _>(input)
    }

    /// By the input, or by what it lends.
    #[inline]
    fn key_of<'a, T: Task<S>, Q: Hash + ?Sized>(&self, input: &'a Q) -> Key<'a, Of<S, T>, Q> {
        Key::new(self.handle.engine.hash(&(TypeId::of::<T>(), input)), input)
    }

    /// Another handle that knows the same run; of one that knows none, a clone.
    fn same(&self) -> Self {
        let (handle, state) = (self.handle.same(), PhantomData);
        Self { handle, state }
    }

    /// The handle that a run gets.
    fn inside(&self, run: Arc<Flight>) -> Self {
        let (handle, state) = (self.handle.inside(run), PhantomData);
        Self { handle, state }
    }
}

/// Entries of a task.
pub(crate) struct Of<S, T>(PhantomData<fn() -> (S, T)>);

impl<S: 'static, T: Task<S>> Kind for Of<S, T> {
    type Input = T::Input;
    type Output = T::Output;

    fn label(input: &T::Input, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::label(input, f)
    }
}

/// The outcome, as a caller gets it. Foreign: clones it.
pub(crate) fn outcome<S: 'static, T: Task<S>>(
    node: &Arc<dyn Node>,
) -> Option<Result<T::Output, Error>> {
    Entry::<Of<S, T>>::of(node)?.outcome.get().cloned()
}

/// A user's `Hash`, `Eq` or `Clone` panicked: the call fails, nothing is remembered.
pub(crate) fn panicked<S, T: Task<S>>(input: &T::Input, message: crate::guard::Message) -> Error {
    Error::panicked(Label(T::label).of(input), message)
}

impl<S> Clone for Ctx<S> {
    /// Another handle of the same context; of one that a task was given, a detached
    /// one, see [`Ctx`].
    fn clone(&self) -> Self {
        let (handle, state) = (self.handle.clone(), PhantomData);
        Self { handle, state }
    }
}

impl<S> fmt::Debug for Ctx<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Ctx");
        debug.field("len", &self.handle.engine.table.len());
        debug.field("cancelled", &self.handle.engine.table.is_closed());
        debug.finish_non_exhaustive()
    }
}

impl Engine {
    fn hash(&self, key: &impl Hash) -> u64 {
        core::hash::BuildHasher::hash_one(&self.hasher, key)
    }
}
