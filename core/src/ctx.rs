//! The handle of a context, and what it offers.
mod advice;
#[cfg(feature = "std")]
mod block;
mod blocking;
mod builder;
mod call;
mod deadline;
mod engine;
mod run;
mod scope;
mod ticket;
mod wait;
mod within;

use crate::entry::{Entry, Flight, Node};
use crate::error::{Error, Label};
use crate::guard::{catch, drop_quietly};
use crate::sync::Arc;
use crate::table::Key;
use crate::task::{Call, Task};
use core::any::TypeId;
use core::fmt;
use core::hash::Hash;

pub use blocking::blocking;
pub use builder::{Builder, NoExecutor, NoTimer, WithExecutor, WithTimer};
pub(crate) use call::CallFuture;
pub use engine::Stats;
pub(crate) use engine::{Counts, Engine};
pub use run::Run;
pub use scope::{Cancellation, Cancelled};

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
    pub(crate) engine: Arc<Engine>,
    state: Arc<S>,
    /// The run that it was given to. A handle without one counts as a handle.
    pub(crate) run: Option<Arc<Flight>>,
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

    fn from_parts(engine: Arc<Engine>, state: Arc<S>) -> Self {
        Self {
            engine,
            state,
            run: None,
        }
    }

    /// The application's state.
    #[must_use]
    pub fn state(&self) -> &S {
        &self.state
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
        self.engine.cancel();
    }

    /// Was the context cancelled? By [`cancel`](Self::cancel), or with its
    /// [parent](crate::Builder::parent).
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.engine.table.is_closed()
    }

    /// The outcome of a call, if there is one already; an error is one too. Runs nothing and
    /// waits for nothing.
    ///
    /// # Panics
    ///
    /// If the input's `Hash` or `Eq` does.
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
    /// assert!(ctx.peek(&double(4)).is_none());
    /// ctx.run(double(4)).await?;
    /// assert_eq!(ctx.peek(&double(4)).unwrap()?, 8);
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn peek<T: Task<S>>(&self, call: &Call<T, T::Input>) -> Option<Result<T::Output, Error>> {
        let key = self.key::<T>(&call.input);
        let node = self.engine.table.peek::<_, T::Output>(&key)?;
        let outcome = catch(|| outcome::<S, T>(&node));
        drop_quietly(node);
        outcome.unwrap_or_else(|message| Some(Err(panicked::<S, T>(&call.input, message))))
    }

    /// Remembers that output for a call, in the place of whatever was known. A run of it
    /// that is in flight goes on for those who wait for it, and is not remembered.
    ///
    /// A context that was cancelled remembers nothing.
    ///
    /// # Panics
    ///
    /// If the input's `Hash` or `Eq` does.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// #[task]
    /// async fn user(id: u64) -> String { format!("user {id}") }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let ctx = Ctx::new(());
    /// ctx.insert(user(7), "known already".to_string());
    /// assert_eq!(ctx.run(user(7)).await?, "known already");
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn insert<T: Task<S>>(&self, call: Call<T, T::Input>, output: T::Output) {
        let hash = self.key::<T>(&call.input).hash;
        let (task, label) = (TypeId::of::<T>(), Label(T::label));
        let entry = Arc::new(Entry::settled(hash, task, call.input, label, output));
        let input = &entry.input;
        let key = Key { hash, task, input };
        // Ours is the last of the two if a comparison panics, under the table's lock.
        let gone = self
            .engine
            .table
            .replace::<_, T::Output>(&key, entry.clone());
        drop_quietly(gone);
    }

    /// Forgets a call. A run of it that is in flight goes on for those who wait for it,
    /// and is not remembered; later callers start anew. `true`: there was something to
    /// forget.
    ///
    /// What other tasks made of its outcome is not forgotten.
    ///
    /// # Panics
    ///
    /// If the input's `Hash` or `Eq` does.
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
    /// ctx.run(double(4)).await?;
    /// assert!(ctx.invalidate(&double(4)));
    /// assert!(!ctx.invalidate(&double(4)));
    /// ctx.run(double(4)).await?;
    /// assert_eq!(ctx.stats().runs, 2);
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn invalidate<T: Task<S>>(&self, call: &Call<T, T::Input>) -> bool {
        let key = self.key::<T>(&call.input);
        let gone = self.engine.table.take::<_, T::Output>(&key);
        let found = gone.is_some();
        drop_quietly(gone);
        found
    }

    /// Forgets everything. Runs in flight go on for those who wait for them, and are not
    /// remembered. Unlike after [`cancel`](Self::cancel), the context goes on.
    pub fn clear(&self) {
        self.engine.table.clear().into_iter().for_each(drop_quietly);
    }

    /// How many calls the context remembers or has in flight.
    #[must_use]
    pub fn len(&self) -> usize {
        self.engine.table.len()
    }

    /// Does it remember nothing, and has nothing in flight?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the context has done so far: see [`Stats`].
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.engine.stats()
    }

    pub(crate) fn key<'a, T: Task<S>>(&self, input: &'a T::Input) -> Key<'a, T::Input> {
        let task = TypeId::of::<T>();
        Key {
            hash: self.engine.hash(&(task, input)),
            task,
            input,
        }
    }

    /// Another handle that knows the same run; of one that knows none, a clone.
    fn same(&self) -> Self {
        match &self.run {
            Some(run) => self.inside(run.clone()),
            None => self.clone(),
        }
    }

    /// The handle that a run gets.
    fn inside(&self, run: Arc<Flight>) -> Self {
        Self {
            engine: self.engine.clone(),
            state: self.state.clone(),
            run: Some(run),
        }
    }
}

/// The outcome, as a caller gets it. Foreign: clones it.
pub(crate) fn outcome<S, T: Task<S>>(node: &Arc<dyn Node>) -> Option<Result<T::Output, Error>> {
    let entry = node.as_any().downcast_ref::<Entry<T::Input, T::Output>>();
    entry?.outcome.get().cloned()
}

/// A user's `Hash`, `Eq` or `Clone` panicked: the call fails, nothing is remembered.
pub(crate) fn panicked<S, T: Task<S>>(input: &T::Input, message: crate::guard::Message) -> Error {
    Error::panicked(Label(T::label).of(input), message)
}

impl<S> Clone for Ctx<S> {
    /// Another handle of the same context; of one that a task was given, a detached
    /// one, see [`Ctx`].
    fn clone(&self) -> Self {
        self.engine.add_handle();
        Self {
            engine: self.engine.clone(),
            state: self.state.clone(),
            run: None,
        }
    }
}

impl<S> Drop for Ctx<S> {
    fn drop(&mut self) {
        if self.run.is_none() {
            self.engine.drop_handle();
        }
    }
}

impl<S> fmt::Debug for Ctx<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Ctx");
        debug.field("len", &self.engine.table.len());
        debug.field("cancelled", &self.engine.table.is_closed());
        debug.finish_non_exhaustive()
    }
}

impl Engine {
    fn hash(&self, key: &impl Hash) -> u64 {
        core::hash::BuildHasher::hash_one(&self.hasher, key)
    }
}
