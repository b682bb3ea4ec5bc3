//! How many runs of a task go on at once.

/// How many runs of a task go on at once in a context; the others wait for their turn, first come
/// first served.
///
/// A run that waits for another run of its context steps aside for as long, so that a task may call
/// itself with other inputs, and tasks each other, without a deadlock; once that is there, it goes
/// before those that were never inside. So what is to be bounded stands alone: of a task that awaits
/// the upstream *and* another run at once (`join!`), others go in meanwhile.
///
/// A run that is aside should hold nothing that those inside need to come to their end, such as a
/// connection of a pool as large as the bound, or a lock.
///
/// A run is in flight while it waits for its turn: callers join it, and it is dropped with the last
/// of them. The bound is one of a task in a context: keep a context that lives long for an upstream,
/// and not one a request, and one task that all others call it by.
///
/// # Examples
///
/// ```
/// # use runce::testing::Seeded;
/// use runce::{Concurrency, Ctx, ErrorKind, Task};
/// # use std::convert::Infallible;
/// # use std::time::Duration;
///
/// /// An upstream that takes two calls at once; more than three need not wait for it.
/// struct Fetch;
///
/// impl Task<Seeded> for Fetch {
///     type Input = u64;
///     type Output = u64;
///     type Error = Infallible;
///
///     async fn run(ctx: &Ctx<Seeded>, n: u64) -> Result<u64, Infallible> {
///         ctx.state().clock().sleep(Duration::from_secs(1)).await;
///         Ok(n)
///     }
///
///     fn concurrency() -> Option<Concurrency> {
///         Some(Concurrency::at_most(2).queue(3))
///     }
/// }
///
/// let runtime = Seeded::new(1);
/// let ctx = Ctx::builder(runtime.clone()).runtime(runtime.clone()).build();
/// let calls = (0..6).map(runce::Call::<Fetch, _>::new).collect::<Vec<_>>();
/// let outcomes = runtime.block_on(ctx.run_settled(calls)).unwrap();
/// let refused = outcomes.into_iter().filter_map(Result::err).collect::<Vec<_>>();
/// assert_eq!(refused.len(), 1);
/// assert_eq!(refused[0].kind(), ErrorKind::Overloaded);
/// assert_eq!(runtime.clock().now(), Duration::from_secs(3)); // two, two, and one
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Concurrency {
    pub(crate) runs: usize,
    pub(crate) queue: usize,
}

impl Concurrency {
    /// So many runs, and all others wait. 0 counts as 1.
    #[must_use]
    pub const fn at_most(runs: usize) -> Self {
        Self {
            runs: if runs == 0 { 1 } else { runs },
            queue: usize::MAX,
        }
    }

    /// So many runs wait at most to begin. One more fails at once, with an error of kind
    /// [`Overloaded`](crate::ErrorKind::Overloaded), which is not remembered. Runs that stepped
    /// aside do not count, nor do those that [renew](crate::Builder::stale_while_revalidate) what is
    /// remembered, for nobody. A task that calls itself may be refused by its own bound.
    #[must_use]
    pub const fn queue(self, runs: usize) -> Self {
        Self {
            queue: runs,
            ..self
        }
    }
}
