//! When a context ends: who is to be told, and which other contexts end with it.
mod cancelled;

use super::Engine;
use crate::guard::drop_quietly;
use crate::notify::{Caller, Notify, Told};
use crate::slots::Slots;
use crate::sync::{Arc, Lock, Weak};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::task::Waker;

pub use cancelled::{Cancellation, Cancelled};

/// The contexts within a context, and those who wait for its end.
pub(crate) struct Scope {
    stage: Lock<Stage>,
    /// The context that this one is within, and its place there. Weak: a chain of contexts
    /// must not be dropped by recursion.
    parent: Option<(Weak<Engine>, usize)>,
}

enum Stage {
    /// Nobody has asked yet: most contexts stay so.
    Quiet,
    Watched(Box<Books>),
    Over,
}

struct Books {
    children: Slots<Weak<Engine>>,
    waiters: Slots<Option<Notify>>,
}

impl Stage {
    /// `None`: it is over.
    fn books(&mut self) -> Option<&mut Books> {
        if let Self::Quiet = self {
            *self = Self::Watched(Box::new(Books {
                children: Slots::new(),
                waiters: Slots::new(),
            }));
        }
        match self {
            Self::Watched(books) => Some(books),
            _ => None,
        }
    }
}

impl Scope {
    pub(super) fn new() -> Self {
        Self {
            stage: Lock::new(Stage::Quiet),
            parent: None,
        }
    }

    /// Ends it: those who are to be told, and the contexts within it.
    pub(super) fn end(&self) -> (Told, Vec<Weak<Engine>>) {
        let before = self
            .stage
            .with(|stage| core::mem::replace(stage, Stage::Over));
        let mut told = Told::default();
        let Stage::Watched(books) = before else {
            return (told, Vec::new());
        };
        told.extend(books.waiters.into_values().flatten());
        (told, books.children.into_values().collect())
    }

    /// `None`: the parent is over.
    fn adopt(&self, child: &Weak<Engine>) -> Option<usize> {
        let child = child.clone();
        self.stage
            .with(|stage| Some(stage.books()?.children.insert(child)))
    }

    fn disown(&self, child: usize) {
        let gone = self
            .stage
            .with(|stage| stage.books()?.children.remove(child));
        drop_quietly(gone);
    }

    fn is_over(&self) -> bool {
        self.stage.with(|stage| matches!(stage, Stage::Over))
    }

    /// `true`: it is over.
    fn wait(&self, slot: &mut Option<usize>, waker: &Waker) -> bool {
        let fresh = Caller::Alone(waker).to_notify();
        let (over, stale) = self.stage.with(|stage| {
            let Some(books) = stage.books() else {
                return (true, Some(fresh));
            };
            match slot.and_then(|slot| books.waiters.get_mut(slot)) {
                Some(place) => (false, place.replace(fresh)),
                None => {
                    *slot = Some(books.waiters.insert(Some(fresh)));
                    (false, None)
                }
            }
        });
        drop_quietly(stale);
        over
    }

    fn leave(&self, slot: usize) {
        let gone = self.stage.with(|stage| stage.books()?.waiters.remove(slot));
        drop_quietly(gone);
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if let Some((parent, place)) = self.parent.take() {
            if let Some(parent) = parent.upgrade() {
                parent.scope.disown(place);
            }
        }
    }
}

impl Engine {
    /// The same, within another context: it ends with that.
    #[inline(never)]
    pub(super) fn within(self, parent: &Weak<Self>) -> Arc<Self> {
        let Some(parent) = parent.upgrade() else {
            let orphan = Arc::new(self);
            orphan.cancel();
            return orphan;
        };
        let mut engine = self;
        let child = Arc::new_cyclic(|child| {
            if let Some(place) = parent.scope.adopt(child) {
                engine.scope.parent = Some((Arc::downgrade(&parent), place));
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

#[cfg(test)]
mod tests {
    use crate::Ctx;
    use alloc::vec::Vec;

    #[test]
    fn law_nothing_leaks_of_contexts_within_that_are_over() {
        let parent = Ctx::new(());
        let within = |_| Ctx::builder(()).parent(&parent).build();
        let mut all: Vec<_> = (0..10).map(within).collect();
        let children = || {
            let stage = &parent.handle.engine.scope.stage;
            stage.with(|stage| stage.books().map(|books| books.children.len()))
        };
        assert_eq!(children(), Some(10));
        all.truncate(1);
        assert_eq!(children(), Some(1));
    }
}
