//! How a value came about, for those who ask.
use super::Run;
use crate::error::Error;
use crate::task::Task;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

/// A value, and how it came about: the output of [`Run::detailed`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Detail<O> {
    /// What the call came to.
    pub value: O,
    /// What the call did: also if it was then served [what was
    /// remembered](Self::from_memory).
    pub source: Source,
    /// It was remembered when the call came, and not waited for: a hit, or what is old in the place
    /// of a run that failed or took too long.
    pub from_memory: bool,
    /// How long ago the run was over that it is from, by the context's clock: zero, if the call
    /// waited for that. `None` where it is remembered as long as the context, so that nobody took
    /// the time.
    pub age: Option<Duration>,
    /// It is older than its TTL: see [`stale_while_revalidate`] and [`stale_if_error`].
    ///
    /// [`stale_while_revalidate`]: crate::Builder::stale_while_revalidate
    /// [`stale_if_error`]: crate::Builder::stale_if_error
    pub stale: bool,
    /// What the run failed with that the call waited for, so that it was served an old value.
    pub failure: Option<Error>,
}

/// What a call did.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Source {
    /// It was answered from memory.
    Hit,
    /// It joined a run in flight.
    Joined,
    /// It started a run.
    Ran,
}

/// The future of a call that tells how its value came about, made by [`Run::detailed`].
///
/// # Cancel safety
///
/// That of the [`Run`].
#[must_use = "futures do nothing unless polled"]
pub struct Detailed<'c, S: Send + Sync + 'static, T: Task<S>, F> {
    run: Run<'c, S, T, F>,
}

impl<'c, S: Send + Sync + 'static, T: Task<S>, F> Detailed<'c, S, T, F> {
    pub(super) fn new(mut run: Run<'c, S, T, F>) -> Self {
        run.call().take_notes();
        Self { run }
    }
}

impl<S: Send + Sync + 'static, T: Task<S>, F> Future for Detailed<'_, S, T, F> {
    type Output = Result<Detail<T::Output>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = Pin::new(&mut self.run).poll(cx);
        polled.map_ok(|value| self.run.call().detail(value))
    }
}

impl<S: Send + Sync + 'static, T: Task<S>, F> fmt::Debug for Detailed<'_, S, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Detailed").field(&self.run).finish()
    }
}
