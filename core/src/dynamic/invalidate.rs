//! Forgetting every call of a task.
use super::TaskFn;
use crate::ctx::Ctx;
use crate::guard::drop_quietly;

impl<S: Send + Sync + 'static> Ctx<S> {
    /// Forgets every call of a task, given as what [`TaskFn`] says. Runs in flight go on
    /// for those who wait for them, and are not remembered; later callers start anew. So
    /// many calls were forgotten.
    ///
    /// It looks at everything that the context remembers.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// #[task]
    /// async fn double(n: u64) -> u64 { 2 * n }
    /// #[task]
    /// async fn half(n: u64) -> u64 { n / 2 }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let ctx = Ctx::new(());
    /// ctx.run_parallel((double(1), double(2), half(2))).await?;
    /// assert_eq!(ctx.invalidate_all(double), 2);
    /// assert!(ctx.peek(&double(1)).is_none());
    /// assert_eq!(ctx.peek(&half(2)).unwrap()?, 1);
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn invalidate_all<Args>(&self, task: impl TaskFn<S, Args>) -> usize {
        let task = task.any();
        let (count, gone) = self.handle.engine.table.take_where(|node| task.is_of(node));
        gone.into_iter().for_each(drop_quietly);
        drop_quietly(task);
        count
    }
}
