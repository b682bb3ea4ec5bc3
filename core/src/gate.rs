//! At most so many runs of a task at once: whose turn it is.
//!
//! Bookkeeping only: whoever changes it wakes and unlinks, with no lock held, what comes out.
//! Those who wait are served in the order of their coming, but runs that were inside before, and
//! stepped aside to wait for another run, go first: what they hold is freed the sooner.
use crate::notify::{Caller, Notify, Told};
use crate::ready::ReadySet;
use crate::sync::{Arc, Lock};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use hashbrown::HashMap;

pub(crate) struct Gate<R> {
    /// Linked from the sets of those inside into those of them who wait, while somebody does: who
    /// waits drives those he waits for.
    pub(crate) hub: Arc<ReadySet<R>>,
    inner: Lock<Inner<R>>,
}

/// How many at most.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) inside: usize,
    pub(crate) waiting: usize,
}

struct Inner<R> {
    bounds: Bounds,
    /// As many as may be, if anybody waits.
    inside: usize,
    /// Numbers all that has an order.
    last: u64,
    waiting: BTreeMap<Turn, usize>,
    /// So many of those who wait count.
    counted: usize,
    /// By the address of their run.
    passes: HashMap<usize, Pass<R>>,
    /// Those who are to be linked, if anybody waits. In an order, so that models can be told.
    bare: BTreeMap<u64, usize>,
}

struct Pass<R> {
    run: Arc<R>,
    number: u64,
    stage: Stage,
    /// Whom to wake when it is its turn: who polls it, and threads that do its work.
    notifies: Vec<(u64, Notify)>,
    /// Its place among those to be linked.
    bare: Option<u64>,
    link: Option<Link<R>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Inside,
    /// It waits for another run.
    Aside,
    Waiting(Turn),
}

/// Those who come back come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    newcomer: bool,
    number: u64,
    counts: bool,
}

/// A set, and the slot of a subscription there.
pub(crate) type Link<R> = (Arc<ReadySet<R>>, usize);

/// A run that is to be linked to the hub.
pub(crate) struct Unlinked<R> {
    pub(crate) run: Arc<R>,
    pub(crate) waits: bool,
}

#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entered {
    Inside,
    Waiting,
    /// Too many wait.
    Full,
}

/// What is to be done with no lock held.
#[must_use]
pub(crate) struct Changes<R> {
    pub(crate) told: Told,
    pub(crate) unlinked: Vec<Link<R>>,
    pub(crate) gone: Gone<R>,
}

/// What is foreign in it is dropped with no lock held.
pub(crate) struct Gone<R> {
    passes: Vec<Pass<R>>,
    spare: Option<Notify>,
}

impl<R> Gate<R> {
    pub(crate) fn new(hub: Arc<ReadySet<R>>, bounds: Bounds) -> Self {
        let inner = Inner {
            bounds,
            inside: 0,
            last: 0,
            waiting: BTreeMap::new(),
            counted: 0,
            passes: HashMap::new(),
            bare: BTreeMap::new(),
        };
        Self {
            hub,
            inner: Lock::new(inner),
        }
    }

    /// More may go in now, perhaps.
    pub(crate) fn set_bounds(&self, bounds: Bounds) -> Changes<R> {
        self.change(|inner, _| inner.bounds = bounds).1
    }

    /// A run that was never here.
    /// `counts`: among those who wait; too many of them are refused.
    pub(crate) fn enter(
        &self,
        run: &Arc<R>,
        counts: bool,
        caller: Caller<'_>,
        known: &mut u64,
    ) -> (Entered, Changes<R>) {
        let notify = caller.to_notify();
        self.change(|inner, changes| inner.enter(run, counts, (notify, known), changes))
    }

    /// May it go on? Otherwise the caller is woken when it may. `known`: 0, and then what tells it
    /// from other callers for the same run.
    pub(crate) fn may_go(
        &self,
        run: &Arc<R>,
        caller: Caller<'_>,
        known: &mut u64,
    ) -> (bool, Changes<R>) {
        let notify = caller.to_notify();
        self.change(|inner, changes| inner.may_go(address(run), notify, known, changes))
    }

    /// It waits for nothing any more, and goes on without asking: for a while there may be more
    /// inside than may be.
    pub(crate) fn come_back(&self, run: &Arc<R>) -> Changes<R> {
        self.change(|inner, changes| inner.come_back(address(run), changes))
            .1
    }

    /// It waits for another run: somebody else's turn.
    pub(crate) fn step_aside(&self, run: &Arc<R>) -> Changes<R> {
        let step = |inner: &mut Inner<R>, changes: &mut Changes<R>| {
            inner.step_aside(address(run), changes);
        };
        self.change(step).1
    }

    /// It is over.
    pub(crate) fn leave(&self, run: &Arc<R>) -> Changes<R> {
        self.change(|inner, changes| inner.leave(address(run), changes))
            .1
    }

    fn change<O>(&self, work: impl FnOnce(&mut Inner<R>, &mut Changes<R>) -> O) -> (O, Changes<R>) {
        let mut changes = Changes {
            told: Told::default(),
            unlinked: Vec::new(),
            gone: Gone {
                passes: Vec::new(),
                spare: None,
            },
        };
        let result = self.inner.with(|inner| {
            let result = work(inner, &mut changes);
            inner.admit(&mut changes);
            result
        });
        (result, changes)
    }

    /// If it waits for its turn, those inside: a thread that is blocked on it has to help them.
    pub(crate) fn before(&self, run: &Arc<R>) -> Option<Vec<Arc<R>>> {
        self.inner.with(|inner| {
            let pass = inner.passes.get(&address(run))?;
            if !pass.waits() {
                return None;
            }
            let inside = inner.passes.values().filter(|pass| pass.is_inside());
            let mut inside: Vec<_> = inside.collect();
            inside.sort_by_key(|pass| pass.number);
            Some(inside.into_iter().map(|pass| pass.run.clone()).collect())
        })
    }

    /// The next that is to be linked.
    pub(crate) fn unlinked(&self) -> Option<Unlinked<R>> {
        self.inner.with(|inner| {
            if inner.waiting.is_empty() {
                return None;
            }
            let (_, next) = inner.bare.pop_first()?;
            let pass = inner.passes.get_mut(&next)?;
            pass.bare = None;
            Some(Unlinked {
                run: pass.run.clone(),
                waits: pass.waits(),
            })
        })
    }

    /// It was linked. Gives that back if it is not as it was.
    pub(crate) fn linked(&self, unlinked: &Unlinked<R>, link: Link<R>) -> Option<Link<R>> {
        self.inner.with(
            |inner| match inner.passes.get_mut(&address(&unlinked.run)) {
                Some(pass)
                    if pass.link.is_none()
                        && pass.stage != Stage::Aside
                        && pass.waits() == unlinked.waits =>
                {
                    pass.link = Some(link);
                    None
                }
                _ => Some(link),
            },
        )
    }
}

fn address<R>(run: &Arc<R>) -> usize {
    Arc::as_ptr(run).addr()
}

impl<R> Inner<R> {
    fn enter(
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

    fn may_go(
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

    fn come_back(&mut self, at: usize, changes: &mut Changes<R>) {
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

    fn step_aside(&mut self, at: usize, changes: &mut Changes<R>) {
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

    fn leave(&mut self, at: usize, changes: &mut Changes<R>) {
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
    fn admit(&mut self, changes: &mut Changes<R>) {
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
    fn waits(&self) -> bool {
        matches!(self.stage, Stage::Waiting(_))
    }

    fn is_inside(&self) -> bool {
        self.stage == Stage::Inside
    }
}
