//! Waiting for the end of a context, and ending it from afar.
use crate::ctx::{Ctx, Engine};
use crate::sync::{Arc, Weak};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::FusedFuture;

/// The end of a context, as a handle: it ends it, tells of it, and does not keep it alive.
/// Made by [`Ctx::cancellation`].
#[derive(Clone)]
pub struct Cancellation(Weak<Engine>);

/// The future of [`Ctx::cancelled`] and [`Cancellation::cancelled`]. Once it was ready it is
/// ready at each poll.
///
/// # Cancel safety
///
/// Dropping it ends the wait, and nothing else.
///
/// # Examples
///
/// ```
/// # use runce::{Cancelled, Ctx};
/// let ctx = Ctx::new(());
/// let end: Cancelled = ctx.cancelled();
/// ctx.cancel();
/// pollster::block_on(end); // at once
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Cancelled {
    context: Weak<Engine>,
    slot: Option<usize>,
}

impl<S: Send + Sync + 'static> Ctx<S> {
    /// Waits until the context is cancelled: by [`cancel`](Self::cancel), with its
    /// [parent](crate::Builder::parent), or because its last handle went away: the future
    /// does not keep it alive.
    ///
    /// For work that the context does not drop by itself, such as a connection that a
    /// caller holds. A task does not need it: it is dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the wait, and nothing else.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::Ctx;
    /// # fn main() { pollster::block_on(async {
    /// let ctx = Ctx::new(());
    /// let other = ctx.clone();
    /// let thread = std::thread::spawn(move || other.cancel());
    /// ctx.cancelled().await;
    /// assert!(ctx.is_cancelled());
    /// # thread.join().unwrap();
    /// # }) }
    /// ```
    pub fn cancelled(&self) -> Cancelled {
        self.cancellation().cancelled()
    }

    /// A handle for those who end the context, or are to hear of its end, and do nothing else
    /// with it: a connection's watcher, a runtime's own cancellation token.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::Ctx;
    /// let ctx = Ctx::new(());
    /// let cancellation = ctx.cancellation();
    /// cancellation.cancel();
    /// assert!(ctx.is_cancelled());
    /// drop(ctx); // nobody else keeps it alive
    /// assert!(cancellation.is_cancelled());
    /// ```
    #[must_use]
    pub fn cancellation(&self) -> Cancellation {
        Cancellation::of(&self.handle.engine)
    }
}

impl Cancellation {
    pub(in crate::ctx) fn of(engine: &Arc<Engine>) -> Self {
        Self(Arc::downgrade(engine))
    }

    pub(in crate::ctx) fn engine(&self) -> Option<Arc<Engine>> {
        self.0.upgrade()
    }

    /// Ends the context, as [`Ctx::cancel`] does.
    pub fn cancel(&self) {
        if let Some(engine) = self.engine() {
            engine.cancel();
        }
    }

    /// Is the context cancelled, or gone?
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.engine().is_none_or(|engine| engine.table.is_closed())
    }

    /// Waits until it is.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the wait, and nothing else.
    pub fn cancelled(&self) -> Cancelled {
        Cancelled {
            context: self.0.clone(),
            slot: None,
        }
    }
}

impl Future for Cancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let engine = self.context.upgrade();
        if engine.is_none_or(|engine| engine.scope.wait(&mut self.slot, cx.waker())) {
            self.slot = None;
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl FusedFuture for Cancelled {
    fn is_terminated(&self) -> bool {
        false // it is ready again and again
    }
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        if let (Some(engine), Some(slot)) = (self.context.upgrade(), self.slot.take()) {
            engine.scope.leave(slot);
        }
    }
}

impl fmt::Debug for Cancellation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancellation")
            .field(&self.is_cancelled())
            .finish()
    }
}

impl fmt::Debug for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancelled").finish_non_exhaustive()
    }
}
