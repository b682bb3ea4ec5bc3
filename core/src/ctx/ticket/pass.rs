//! A run of a task of which only so many go on at once.
use super::Special;
use crate::ctx::Engine;
use crate::drive;
use crate::entry::Flight;
use crate::gate::{Bounds, Entered, Gate};
use crate::notify::Caller;
use crate::ready::ReadySet;
use crate::sync::{Arc, Lock};
use crate::task::Concurrency;
use alloc::boxed::Box;
use core::any::TypeId;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use hashbrown::HashMap;

/// The gates of a context, by task. Most have none.
pub(in crate::ctx) struct Gates(Lock<Option<Box<ByTask>>>);

type ByTask = HashMap<TypeId, Arc<Gate<Flight>>>;

impl Gates {
    pub(in crate::ctx) fn new() -> Self {
        Self(Lock::new(None))
    }
}

impl Engine {
    pub(super) fn gate(&self, task: TypeId, concurrency: Concurrency) -> Arc<Gate<Flight>> {
        let bounds = Bounds {
            inside: concurrency.runs,
            waiting: concurrency.queue,
        };
        let gate = self.gates.0.with(|gates| {
            let gates = gates.get_or_insert_default();
            let fresh = || Arc::new(Gate::new(ReadySet::new(self.host.clone()), bounds));
            gates.entry(task).or_insert_with(fresh).clone()
        });
        drive::set_bounds(&gate, bounds);
        gate
    }
}

/// A run's place at the gate. Dropped with all else that the run holds.
pub(super) struct Pass {
    gate: Arc<Gate<Flight>>,
    run: Option<Arc<Flight>>,
    /// Somebody wants it.
    counts: bool,
    came: bool,
    known: u64,
}

impl Pass {
    pub(super) fn new(gate: Arc<Gate<Flight>>, counts: bool) -> Self {
        Self {
            gate,
            run: None,
            counts,
            came: false,
            known: 0,
        }
    }

    pub(super) fn of(&mut self, run: &Arc<Flight>) {
        self.run = Some(run.clone());
    }

    #[inline(never)]
    fn poll(&mut self, cx: &Context<'_>) -> Entered {
        let caller = Caller::Alone(cx.waker());
        let Some(run) = &self.run else {
            return Entered::Inside;
        };
        if !self.came {
            let entered = drive::enter(&self.gate, run, self.counts, caller, &mut self.known);
            self.came = entered != Entered::Full;
            return entered;
        }
        match drive::may_go(run, caller, &mut self.known) {
            true => Entered::Inside,
            false => Entered::Waiting,
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let (true, Some(run)) = (self.came, &self.run) {
            drive::leave_gate(&self.gate, run);
        }
    }
}

/// Until it is its turn. `false`: too many wait.
pub(super) struct Enter<'t> {
    pub(super) special: &'t mut Option<Box<Special>>,
}

impl Future for Enter<'_> {
    type Output = bool;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let Some(special) = &mut *self.special else {
            return Poll::Ready(true);
        };
        match special.pass.as_mut().map(|pass| pass.poll(cx)) {
            None | Some(Entered::Inside) => Poll::Ready(true),
            Some(Entered::Waiting) => Poll::Pending,
            Some(Entered::Full) => Poll::Ready(false),
        }
    }
}

impl Special {
    /// Is it its turn? It was before, but it may have stepped aside.
    #[inline(never)]
    pub(super) fn may_go(&mut self, cx: &Context<'_>) -> bool {
        let pass = self.pass.as_mut();
        pass.is_none_or(|pass| pass.poll(cx) == Entered::Inside)
    }

    /// After a poll that was pending: somebody else's turn, if it waits for another run.
    #[inline(never)]
    pub(super) fn step_aside(&self) {
        if let Some(run) = self.pass.as_ref().and_then(|pass| pass.run.as_ref()) {
            if run.waits() {
                let _ = drive::step_aside(run);
            }
        }
    }
}
