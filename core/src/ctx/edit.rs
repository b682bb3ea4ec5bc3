//! What a context remembers: reading and editing it.
use super::terms::drop_all;
use super::{Ctx, Of, Stats, outcome, panicked};
use crate::entry::{Entry, Node};
use crate::error::Error;
use crate::guard::{catch, drop_quietly};
use crate::sync::share;
use crate::table::Key;
use crate::task::{Call, Task};

impl<S: Send + Sync + 'static> Ctx<S> {
    /// The outcome of a call, if there is one already; an error is one too. Runs nothing and
    /// waits for nothing.
    ///
    /// It shows what [`run`](Self::run) would serve at once: what is stale as well, but not what is
    /// served only where a run fails.
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
        let engine = &self.handle.engine;
        let hit = engine.table.peek(key.hash, &mut |node| key.is(node))?;
        let fresh = engine.is_served(&hit);
        let outcome = catch(|| fresh.then(|| outcome::<S, T>(&hit.node)).flatten());
        drop_quietly(hit.node);
        outcome.unwrap_or_else(|message| Some(Err(panicked::<S, T>(&call.input, message))))
    }

    /// Remembers that output for a call, in the place of whatever was known. A run of it
    /// that is in flight goes on for those who wait for it, and is not remembered.
    ///
    /// It is remembered for as long as if the task had returned it; if that is not at all, the
    /// call is forgotten. A context that was cancelled remembers nothing.
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
        let engine = &self.handle.engine;
        let hash = self.key::<T>(&call.input).hash;
        let own = engine.ask::<S, T>(&call.input, Ok(&output));
        let keep = engine.keep(engine.decide(own, Ok(&())), false);
        // Before, since a comparison may panic under the lock.
        if let Some(now) = keep.and_then(|keep| keep.now) {
            drop_all(engine.table.sweep(now));
        }
        let entry = Entry::<Of<S, T>>::settled(hash, call.input, output);
        let node = share!(entry => dyn Node);
        let Some(Entry { input, .. }) = Entry::<Of<S, T>>::of(&node) else {
            unreachable!("it was made of these types");
        };
        let key = Key::<Of<S, T>, _>::new(hash, input);
        let is = &mut |node: &_| key.is(node);
        // Ours is the last of the two if a comparison panics, under the table's lock.
        drop_all(match keep {
            Some(keep) => (engine.table).replace(is, node.clone(), keep),
            None => engine.table.take(hash, is),
        });
    }

    /// Forgets a call. A run of it that is in flight goes on for those who wait for it,
    /// and is not remembered; later callers start anew. `true`: there was something to
    /// forget, if only an outcome that was over.
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
        let table = &self.handle.engine.table;
        let gone = table.take(key.hash, &mut |node| key.is(node));
        let found = !gone.is_empty();
        drop_all(gone);
        found
    }

    /// Forgets everything. Runs in flight go on for those who wait for them, and are not
    /// remembered. Unlike after [`cancel`](Self::cancel), the context goes on.
    pub fn clear(&self) {
        let (_, gone) = self.handle.engine.table.take_where(|_| true);
        drop_all(gone);
    }

    /// How many calls the context remembers or has in flight. What is over by its
    /// [TTL](crate::Builder::ttl) counts until it is removed, by later calls.
    #[must_use]
    pub fn len(&self) -> usize {
        self.handle.engine.table.len()
    }

    /// Does it remember nothing, and has nothing in flight?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the context has done so far: see [`Stats`].
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.handle.engine.stats()
    }
}
