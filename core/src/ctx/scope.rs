//! When a context ends: who is to be told, and which other contexts end with it.
use super::{Ctx, Engine};
use crate::notify::{Caller, Notify, Told};
use crate::slots::Slots;
use crate::sync::{Arc, Lock, Weak};
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use futures_core::FusedFuture;

/// The contexts within a context, and those who wait for its end.
pub(crate) struct Scope {
    inner: Lock<Inner>,
    /// The context that this one is within, and its place there.
    parent: Option<(Arc<Engine>, usize)>,
}

struct Inner {
    over: bool,
    children: Slots<Weak<Engine>>,
    waiters: Slots<Option<Notify>>,
}

impl Scope {
    pub(super) fn new() -> Self {
        Self {
            inner: Lock::new(Inner {
                over: false,
                children: Slots::new(),
                waiters: Slots::new(),
            }),
            parent: None,
        }
    }

    /// Ends it: those who are to be told, and the contexts within it.
    pub(super) fn end(&self) -> (Told, Vec<Arc<Engine>>) {
        let (children, waiters) = self.inner.with(|inner| {
            inner.over = true;
            (inner.children.take(), inner.waiters.take())
        });
        let mut told = Told::default();
        told.extend(waiters.into_values().flatten());
        let children = children.into_values().filter_map(|child| child.upgrade());
        (told, children.collect())
    }

    /// `None`: the parent is over.
    fn adopt(&self, child: &Weak<Engine>) -> Option<usize> {
        let child = child.clone();
        self.inner
            .with(|inner| (!inner.over).then(|| inner.children.insert(child)))
    }

    fn disown(&self, child: usize) {
        let gone = self.inner.with(|inner| inner.children.remove(child));
        drop(gone);
    }

    fn is_over(&self) -> bool {
        self.inner.with(|inner| inner.over)
    }

    /// `true`: it is over.
    fn wait(&self, slot: &mut Option<usize>, waker: &Waker) -> bool {
        let fresh = Caller::Alone(waker).to_notify();
        let (over, stale) = self.inner.with(|inner| {
            if inner.over {
                return (true, Some(fresh));
            }
            match slot.and_then(|slot| inner.waiters.get_mut(slot)) {
                Some(place) => (false, place.replace(fresh)),
                None => {
                    *slot = Some(inner.waiters.insert(Some(fresh)));
                    (false, None)
                }
            }
        });
        drop(stale);
        over
    }

    fn leave(&self, slot: usize) {
        // At the end the slots were taken, and nobody enters after that.
        let gone = self.inner.with(|inner| inner.waiters.remove(slot));
        drop(gone);
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if let Some((parent, place)) = self.parent.take() {
            parent.scope.disown(place);
        }
    }
}

impl Engine {
    /// The same, within another context: it ends with that.
    pub(super) fn within(self, parent: Option<Arc<Self>>) -> Arc<Self> {
        let Some(parent) = parent else {
            return Arc::new(self);
        };
        let mut engine = self;
        let child = Arc::new_cyclic(|child| {
            if let Some(place) = parent.scope.adopt(child) {
                engine.scope.parent = Some((parent.clone(), place));
            }
            engine
        });
        // It ended before it could know of us, or before we could be told.
        if parent.scope.is_over() {
            child.cancel();
        }
        child
    }
}

/// The future of [`Ctx::cancelled`]. Once it was ready it is ready at each poll.
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
/// let end: Cancelled<'_> = ctx.cancelled();
/// ctx.cancel();
/// pollster::block_on(end); // at once
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Cancelled<'c> {
    engine: &'c Engine,
    slot: Option<usize>,
}

impl<S: Send + Sync + 'static> Ctx<S> {
    /// Waits until the context is cancelled: by [`cancel`](Self::cancel), or with its
    /// [parent](crate::Builder::parent).
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
    pub fn cancelled(&self) -> Cancelled<'_> {
        Cancelled {
            engine: &self.engine,
            slot: None,
        }
    }
}

impl Future for Cancelled<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let engine = self.engine;
        if engine.scope.wait(&mut self.slot, cx.waker()) {
            self.slot = None;
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl FusedFuture for Cancelled<'_> {
    fn is_terminated(&self) -> bool {
        false // it is ready again and again
    }
}

impl Drop for Cancelled<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            self.engine.scope.leave(slot);
        }
    }
}

impl fmt::Debug for Cancelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancelled").finish_non_exhaustive()
    }
}
