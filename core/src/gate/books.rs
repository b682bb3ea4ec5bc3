//! Who came to a gate, and whose turn it is.
use super::{Bounds, Changes, Entered, Link};
use crate::notify::Notify;
use crate::sync::Arc;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use hashbrown::HashMap;

pub(super) struct Books<R> {
    pub(super) bounds: Bounds,
    /// As many as may be, if anybody waits.
    inside: usize,
    /// Numbers all that has an order.
    last: u64,
    pub(super) waiting: BTreeMap<Turn, usize>,
    /// So many of those who wait count.
    counted: usize,
    /// By the address of their run.
    pub(super) passes: HashMap<usize, Pass<R>>,
    /// Those who are to be linked, if anybody waits. In an order, so that models can be told.
    pub(super) bare: BTreeMap<u64, usize>,
}

pub(super) struct Pass<R> {
    pub(super) run: Arc<R>,
    pub(super) number: u64,
    pub(super) stage: Stage,
    /// Whom to wake when it is its turn: who polls it, and threads that do its work.
    notifies: Vec<(u64, Notify)>,
    /// Its place among those to be linked.
    pub(super) bare: Option<u64>,
    pub(super) link: Option<Link<R>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Inside,
    /// It waits for another run.
    Aside,
    Waiting(Turn),
}

/// Those who come back come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    newcomer: bool,
    number: u64,
    counts: bool,
}

pub(super) fn address<R>(run: &Arc<R>) -> usize {
    Arc::as_ptr(run).addr()
}

impl<R> Books<R> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            inside: 0,
            last: 0,
            waiting: BTreeMap::new(),
            counted: 0,
            passes: HashMap::new(),
            bare: BTreeMap::new(),
        }
    }

    pub(super) fn enter(
        &mut self,
        run: &Arc<R>,
        counts: bool,
        (notify, known): (Notify, &mut u64),
        changes: &mut Changes<R>,
    ) -> Entered {
        let free = self.inside < self.bounds.inside;
        if !free && counts && self.counted >= self.bounds.waiting {
            changes.gone.spare = Some(notify);
            return Entered::Full;
        }
        let pass = Pass {
            run: run.clone(),
            number: self.number(),
            stage: Stage::Aside,
            notifies: Vec::new(),
            bare: None,
            link: None,
        };
        let at = address(run);
        changes.gone.passes.extend(self.passes.insert(at, pass));
        if free {
            changes.gone.spare = Some(notify);
            self.go_in(at, changes);
            return Entered::Inside;
        }
        let number = self.number();
        let turn = Turn {
            newcomer: true,
            number,
            counts,
        };
        self.queue(at, turn);
        changes.gone.spare = self.note(at, notify, known);
        Entered::Waiting
    }

    pub(super) fn may_go(
        &mut self,
        at: usize,
        notify: Notify,
        known: &mut u64,
        changes: &mut Changes<R>,
    ) -> bool {
        let stage = self.passes.get(&at).map(|pass| pass.stage);
        match stage {
            Some(Stage::Waiting(_)) => {}
            Some(Stage::Aside) if self.inside >= self.bounds.inside => {
                let number = self.number();
                let turn = Turn {
                    newcomer: false,
                    number,
                    counts: false,
                };
                self.queue(at, turn);
            }
            Some(Stage::Aside) => {
                changes.gone.spare = Some(notify);
                self.go_in(at, changes);
                return true;
            }
            None | Some(Stage::Inside) => {
                changes.gone.spare = Some(notify);
                return true;
            }
        }
        changes.gone.spare = self.note(at, notify, known);
        false
    }

    /// Whom to wake when it is its turn. Gives back what is not needed.
    fn note(&mut self, at: usize, notify: Notify, known: &mut u64) -> Option<Notify> {
        if *known == 0 {
            *known = self.number();
        }
        let Some(pass) = self.passes.get_mut(&at) else {
            return Some(notify);
        };
        match pass.notifies.iter_mut().find(|(whose, _)| whose == known) {
            Some((_, stale)) => Some(core::mem::replace(stale, notify)),
            None => {
                pass.notifies.push((*known, notify));
                None
            }
        }
    }

    pub(super) fn come_back(&mut self, at: usize, changes: &mut Changes<R>) {
        match self.passes.get(&at).map(|pass| pass.stage) {
            Some(Stage::Waiting(turn)) => {
                self.waiting.remove(&turn);
                self.counted -= usize::from(turn.counts);
            }
            Some(Stage::Aside) => {}
            None | Some(Stage::Inside) => return,
        }
        self.go_in(at, changes);
    }

    pub(super) fn step_aside(&mut self, at: usize, changes: &mut Changes<R>) {
        let Some(pass) = self.passes.get_mut(&at) else {
            return;
        };
        if pass.stage == Stage::Inside {
            pass.stage = Stage::Aside;
            changes.unlinked.extend(pass.link.take());
            if let Some(bare) = pass.bare.take() {
                self.bare.remove(&bare);
            }
            self.inside -= 1;
        }
    }

    pub(super) fn leave(&mut self, at: usize, changes: &mut Changes<R>) {
        let Some(mut pass) = self.passes.remove(&at) else {
            return;
        };
        if let Some(bare) = pass.bare.take() {
            self.bare.remove(&bare);
        }
        match pass.stage {
            Stage::Inside => self.inside -= 1,
            Stage::Aside => {}
            Stage::Waiting(turn) => {
                self.waiting.remove(&turn);
                self.counted -= usize::from(turn.counts);
            }
        }
        changes.unlinked.extend(pass.link.take());
        changes.gone.passes.push(pass);
    }

    fn queue(&mut self, at: usize, turn: Turn) {
        self.counted += usize::from(turn.counts);
        self.waiting.insert(turn, at);
        if let Some(pass) = self.passes.get_mut(&at) {
            pass.stage = Stage::Waiting(turn);
        }
        self.link_later(at);
    }

    fn go_in(&mut self, at: usize, changes: &mut Changes<R>) {
        let Some(pass) = self.passes.get_mut(&at) else {
            return;
        };
        pass.stage = Stage::Inside;
        changes.unlinked.extend(pass.link.take());
        let notifies = pass.notifies.drain(..);
        changes.told.extend(notifies.map(|(_, notify)| notify));
        self.inside += 1;
        self.link_later(at);
    }

    fn link_later(&mut self, at: usize) {
        let number = self.number();
        if let Some(pass) = self.passes.get_mut(&at) {
            if pass.bare.is_none() {
                pass.bare = Some(number);
                self.bare.insert(number, at);
            }
        }
    }

    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Lets in those whose turn it is.
    pub(super) fn admit(&mut self, changes: &mut Changes<R>) {
        while self.inside < self.bounds.inside {
            let Some((turn, at)) = self.waiting.pop_first() else {
                return;
            };
            self.counted -= usize::from(turn.counts);
            self.go_in(at, changes);
        }
    }
}

impl<R> Pass<R> {
    pub(super) fn waits(&self) -> bool {
        matches!(self.stage, Stage::Waiting(_))
    }

    pub(super) fn is_inside(&self) -> bool {
        self.stage == Stage::Inside
    }
}
