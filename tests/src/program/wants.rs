//! Who waits for what, and the laws about that.
use super::books::{Books, Run};
use super::memory::KeyBook;
use super::{Gate, Key, Outcome};

/// Somebody who waits.
pub(super) struct Want {
    pub(super) by: By,
    on: On,
    /// Each key's epoch then.
    epochs: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum By {
    Run(Run),
    Caller(usize),
    /// Interested, but not waiting.
    Keeps(Run),
}

#[derive(Clone)]
pub(super) enum On {
    Keys(Vec<Key>),
    /// Those of them that have come to nothing yet: which cannot be told.
    Rest(Vec<Key>),
    /// That key, run anew.
    Anew(Key),
    Gate(Gate),
}

impl Books {
    pub(super) fn ask(&mut self, run: Run, key: Key) {
        self.edges.push((run, key));
    }

    pub(super) fn asked(&mut self, run: Run, key: Key) {
        let at = self.edges.iter().position(|edge| *edge == (run, key));
        if let Some(at) = at {
            self.edges.swap_remove(at);
        }
    }

    /// `no_deadlock`: a run was told that its call of that key would wait for itself.
    pub(super) fn blamed(&mut self, asker: Run, key: Key) {
        let told = self.came_to(key, Outcome::Cycle, None, None);
        let right = told || self.waits(key, asker, &mut Vec::new());
        self.law(right, || {
            format!("no_deadlock: run {asker} is blamed for a circle through key {key}")
        });
    }

    /// Does a run of that key wait for that run?
    fn waits(&self, key: Key, run: Run, seen: &mut Vec<Run>) -> bool {
        (0..self.runs.len()).any(|at| {
            let book = &self.runs[at];
            if !book.alive || book.dying || book.key != key || seen.contains(&at) {
                return false;
            }
            seen.push(at);
            let mut asks = self.edges.iter().filter(|edge| edge.0 == at);
            at == run || asks.any(|edge| self.waits(edge.1, run, seen))
        })
    }

    /// The epochs of those keys.
    pub(super) fn epochs(&self, on: &On) -> Vec<usize> {
        let epoch = |key: &Key| self.keys[usize::from(*key)].epoch;
        on.keys().iter().map(epoch).collect()
    }

    /// `first`: the epochs before it was polled first; `now`: before this poll, in which one
    /// of its runs may have ended. Once a key was edited, the first count: it may wait for a
    /// run that was detached. From within a run's destructors it waits for the end of those.
    pub(super) fn want(&mut self, by: By, on: On, first: &[usize], now: &[usize]) -> usize {
        let epoch = |(at, key): (usize, &Key)| {
            let book = &self.keys[usize::from(*key)];
            let mut runs = book.current.iter().chain(&book.beside);
            let dying = runs.any(|run| self.runs[*run].dying);
            let unsure = matches!(on, On::Rest(_));
            match (dying || unsure, book.edited) {
                (true, _) => usize::MAX,
                (false, true) => first[at],
                (false, false) => now[at],
            }
        };
        let epochs = on.keys().iter().enumerate().map(epoch).collect();
        let want = Some(Want { by, on, epochs });
        match self.wants.iter().position(Option::is_none) {
            Some(free) => {
                self.wants[free] = want;
                free
            }
            None => {
                self.wants.push(want);
                self.wants.len() - 1
            }
        }
    }

    pub(super) fn unwant(&mut self, want: usize) {
        self.wants[want] = None;
    }

    /// Is there a run alive that nobody wants?
    pub(super) fn unwanted(&self) -> Option<Run> {
        let wanted = |run: Run| {
            let key = self.runs[run].key;
            let book = &self.keys[usize::from(key)];
            let beside = book.beside == Some(run) && !book.vague;
            let mut wants = self.wants.iter().flatten();
            wants.any(|want| want.asks(key) && (want.is_anew() || !beside))
        };
        (0..self.runs.len()).find(|run| self.runs[*run].alive && !wanted(*run))
    }

    /// Nothing is woken: does that caller, or run, wait for a gate that is shut?
    pub(super) fn explained(&self, by: By, shut: &[bool], seen: &mut Vec<Run>) -> bool {
        let wants = self.wants.iter().flatten();
        let mut ours = wants.filter(|want| want.by == by);
        ours.any(|want| match &want.on {
            On::Gate(gate) => shut[usize::from(*gate)],
            on => on
                .keys()
                .iter()
                .any(|key| self.runs_explained(*key, shut, seen)),
        })
    }

    pub(super) fn runs_explained(&self, key: Key, shut: &[bool], seen: &mut Vec<Run>) -> bool {
        (0..self.runs.len()).any(|run| {
            let book = &self.runs[run];
            if !book.alive || book.key != key || seen.contains(&run) || self.is_overdue(run) {
                return false;
            }
            seen.push(run);
            self.explained(By::Run(run), shut, seen)
        })
    }
}

impl On {
    fn keys(&self) -> &[Key] {
        match self {
            Self::Keys(keys) | Self::Rest(keys) => keys,
            Self::Anew(key) => std::slice::from_ref(key),
            Self::Gate(_) => &[],
        }
    }
}

impl Want {
    /// It waits for no other run than one that takes the place of what is remembered.
    pub(super) fn is_anew(&self) -> bool {
        matches!(self.on, On::Anew(_))
    }

    fn asks(&self, key: Key) -> bool {
        self.on.keys().contains(&key)
    }

    /// Does it want the run of that key that is in flight in that epoch?
    pub(super) fn is_for(&self, key: Key, book: &KeyBook) -> bool {
        let keys = self.on.keys();
        let mut pairs = keys.iter().zip(&self.epochs);
        pairs.any(|(at, since)| *at == key && *since == book.epoch)
    }
}
