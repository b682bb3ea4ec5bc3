//! The wait-for graph: who waits for whom.
use super::{Flight, Inner};
use crate::state::Phase;
use crate::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroUsize;

/// A run that another one waits for.
pub(super) struct Ask {
    pub(super) target: Arc<Flight>,
    /// Through a handle that may leave the run: no edge of the graph.
    detached: bool,
}

/// A place among what a run asks for. An `Option` of it is a word.
#[derive(Clone, Copy)]
pub(crate) struct Asked(NonZeroUsize);

/// One step of a search: what is in a slot of a flight's edges.
pub(crate) enum Edge {
    To(Arc<Flight>),
    Empty,
    End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Towards those who wait for it.
    Up,
    /// Towards what it waits for.
    Down,
}

#[must_use]
#[derive(PartialEq, Eq, Clone, Copy)]
pub(crate) enum Mark {
    New,
    Again,
    /// The other side was here.
    Met,
}

impl Flight {
    /// Adds an edge downward: we wait for that.
    pub(crate) fn ask(&self, target: Arc<Self>) -> Asked {
        self.insert_ask(target, false)
    }

    /// We wait for that through a detached handle: known to who helps a blocked thread,
    /// and no edge of the graph.
    pub(crate) fn ask_detached(&self, target: Arc<Self>) -> Asked {
        self.insert_ask(target, true)
    }

    fn insert_ask(&self, target: Arc<Self>, detached: bool) -> Asked {
        let ask = Ask { target, detached };
        let slot = self.inner.with(|inner| inner.asks.insert(ask));
        Asked(NonZeroUsize::MIN.saturating_add(slot))
    }

    pub(crate) fn asked(&self, ask: Asked) {
        let slot = ask.0.get() - 1;
        let gone = self.inner.with(|inner| inner.asks.remove(slot));
        drop(gone);
    }

    /// What is in a slot of its edges.
    pub(crate) fn edge(&self, side: Side, slot: usize) -> Edge {
        self.inner.with(|inner| inner.edge(side, slot))
    }

    /// All that it waits for, through whatever handle.
    pub(crate) fn waits_for(&self) -> Vec<Arc<Self>> {
        self.inner.with(|inner| match inner.state.phase() {
            // A run that is being dropped waits for nothing any more.
            Phase::Dropping => Vec::new(),
            _ => inner.asks.iter().map(|ask| ask.target.clone()).collect(),
        })
    }

    /// Does it wait for another run, through whatever handle?
    pub(crate) fn waits(&self) -> bool {
        self.inner.with(|inner| !inner.asks.is_empty())
    }

    /// For a search; under the graph lock.
    pub(crate) fn mark(&self, search: usize, side: Side) -> Mark {
        let ours = search
            .wrapping_mul(2)
            .wrapping_add(usize::from(side == Side::Up));
        let theirs = ours ^ 1;
        self.inner.with(|inner| match inner.mark {
            mark if mark == ours => Mark::Again,
            mark if mark == theirs => Mark::Met,
            _ => {
                inner.mark = ours;
                Mark::New
            }
        })
    }
}

impl Inner {
    fn edge(&self, side: Side, slot: usize) -> Edge {
        let (bound, edge) = match side {
            Side::Up => {
                let waiter = self.waiters.get(slot);
                (self.waiters.bound(), waiter.and_then(|w| w.run.clone()))
            }
            // A run that is being dropped waits for nothing any more.
            Side::Down if self.state.phase() == Phase::Dropping => (0, None),
            Side::Down => {
                let ask = self.asks.get(slot).filter(|ask| !ask.detached);
                (self.asks.bound(), ask.map(|ask| ask.target.clone()))
            }
        };
        match edge {
            Some(flight) => Edge::To(flight),
            None if slot < bound => Edge::Empty,
            None => Edge::End,
        }
    }
}
